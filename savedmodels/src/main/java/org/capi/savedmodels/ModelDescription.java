package org.capi.savedmodels;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.EnumNamingStrategies;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.capi.graph.vit.FrozenEncoder;
import org.capi.graph.vit.PooledVit;
import org.capi.graph.vit.PositionEmbedding;
import org.capi.graph.vit.VitConfig;
import org.capi.savedmodels.Export.Serving;
import org.capi.savedmodels.SavedModelWriter.Asset;

/**
 * What a model states about itself in its folder {@code assets.extra}: {@code model.json} for programs and the model
 * card {@code README.md} for people.
 *
 * @param parameters how many numbers the model holds
 * @param serving what its signatures take and give
 * @param origin where its weights come from, such as the run and the step
 */
public record ModelDescription(
        FrozenEncoder.Config model, long parameters, Serving serving, Map<String, String> origin) {

    private static final String FILE = "model.json";

    private static final JsonMapper JSON = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enumNamingStrategy(EnumNamingStrategies.SNAKE_CASE)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build();

    private static final JsonMapper STRICT = JSON.rebuild()
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .addMixIn(PositionEmbedding.Kind.class, PositionKinds.class)
            .build();

    /** The kinds of positions differ by their keys. */
    @JsonTypeInfo(use = JsonTypeInfo.Id.DEDUCTION)
    @JsonSubTypes({
        @JsonSubTypes.Type(PositionEmbedding.Kind.Rotary.class),
        @JsonSubTypes.Type(PositionEmbedding.Kind.Learnable.class)
    })
    private interface PositionKinds {}

    /** The fact that names the terms of use; only who trained the weights can state it. */
    private static final String LICENSE = "license";

    public ModelDescription {
        origin = Map.copyOf(origin);
    }

    /** The content of a model's {@code model.json}; a missing node where there is no such file. */
    public static JsonNode read(Path model) {
        Path file = model.resolve(SavedModelWriter.EXTRA).resolve(FILE);
        if (!Files.isRegularFile(file)) {
            return MissingNode.getInstance();
        }
        try {
            return JSON.readTree(Files.readString(file));
        } catch (IOException e) {
            throw new IllegalArgumentException("cannot read " + file + ": " + SafeText.firstLine(e), e);
        }
    }

    /** The architecture, for a model of this project; empty for one that does not state all of it. */
    static Optional<FrozenEncoder.Config> architecture(JsonNode description) {
        JsonNode model = description.path("model");
        Class<? extends FrozenEncoder.Config> kind = model.has("pooling") ? PooledVit.Config.class : VitConfig.class;
        try {
            return model.isObject() ? Optional.of(STRICT.treeToValue(model, kind)) : Optional.empty();
        } catch (JsonProcessingException e) {
            return Optional.empty(); // another program's description, or an older one
        }
    }

    /** The side of a patch in pixels. */
    static OptionalInt patchSize(JsonNode description) {
        return side(description.path("model").path("patch_size"));
    }

    /** The side of the images that the model was trained on, in pixels. */
    static OptionalInt imageSize(JsonNode description) {
        return side(description.path("origin").path(Export.IMAGE_SIZE));
    }

    private static OptionalInt side(JsonNode value) {
        int side = value.asInt(0);
        return side < 1 ? OptionalInt.empty() : OptionalInt.of(side);
    }

    /** {@code model.json}. */
    Asset json() throws JsonProcessingException {
        return Asset.text(FILE, JSON.writeValueAsString(this) + "\n");
    }

    /** {@code README.md}: the template with words in capitals replaced. */
    Asset card() {
        var facts = new StringBuilder();
        row(facts, "parameters", String.format(Locale.ROOT, "%,d", parameters));
        row(facts, "patch size", model.patchSize() + " x " + model.patchSize() + " pixels");
        row(facts, "encoder", model.depth() + " blocks, width " + model.dim() + ", " + model.heads() + " heads");
        row(facts, "registers", String.valueOf(model.registers()));
        if (model instanceof VitConfig published) {
            String blocks = published.predictorDepth() + " blocks, width " + published.predictorDim();
            row(
                    facts,
                    "predictor",
                    switch (published.predictor()) {
                        case CROSS_ATTENTION -> blocks + ", cross-attention";
                        case SELF_ATTENTION -> blocks + ", self-attention";
                        case FUSED -> "the encoder itself";
                    });
        }
        var sources = new TreeMap<>(origin);
        sources.putIfAbsent(LICENSE, "not stated by whoever exported the model");
        sources.forEach((what, value) -> row(facts, what.replace('_', ' '), value));
        String layers = serving.layers().stream()
                .map(layer -> "- `" + Serving.output(layer) + "`: likewise, after " + layer + " of the " + model.depth()
                        + " blocks\n")
                .collect(Collectors.joining());
        int side = serving.imageSize();
        String text = resource("model-card.md")
                .replace("LIMIT", String.format(Locale.ROOT, "%,d", GraphImageDecoder.MAX_PIXELS))
                .replace("PATCH", String.valueOf(model.patchSize()))
                .replace("SHORTER", String.valueOf(new GraphImageDecoder(side).shorterSide()))
                .replace("SIDE", String.valueOf(side))
                .replace("GLOBAL", String.valueOf(model.globalDim()))
                .replace("MEANING", model.globalMeaning())
                .replace("REGISTERS", String.valueOf(model.registers()))
                .replace("DIM", String.valueOf(model.dim()))
                .replace("LAYERS\n", layers)
                .replace("FACTS\n", facts);
        return Asset.text("README.md", text);
    }

    /** A text next to this class. */
    static String resource(String name) {
        try (InputStream in = ModelDescription.class.getResourceAsStream(name)) {
            return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void row(StringBuilder text, String what, String value) {
        text.append("| ").append(what).append(" | ").append(value).append(" |\n");
    }
}

package org.capi.savedmodels;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.capi.graph.vit.VitConfig;

/**
 * What a model says about itself in its folder {@code assets.extra}.
 *
 * @param parameters how many numbers the model holds
 * @param origin where its weights come from, such as the run and the step
 */
record ModelDescription(VitConfig model, long parameters, Map<String, String> origin) {

    private static final String FILE = "model.json";

    private static final JsonMapper JSON = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build();

    ModelDescription {
        origin = Map.copyOf(origin);
    }

    /** What the model in a folder says of itself; a missing node where it says nothing. */
    static JsonNode read(Path model) {
        Path file = model.resolve(SavedModelWriter.EXTRA).resolve(FILE);
        if (!Files.isRegularFile(file)) {
            return MissingNode.getInstance();
        }
        try {
            return JSON.readTree(Files.readString(file));
        } catch (IOException e) {
            throw new IllegalArgumentException("cannot read " + file + ": " + FirstLine.of(e), e);
        }
    }

    /** The side of a patch. */
    static OptionalInt patchSize(JsonNode description) {
        return side(description.path("model").path("patch_size"));
    }

    /** The side of the images that the model was trained on. */
    static OptionalInt imageSize(JsonNode description) {
        return side(description.path("origin").path(Export.IMAGE_SIZE));
    }

    private static OptionalInt side(JsonNode value) {
        int side = value.asInt(0);
        return side < 1 ? OptionalInt.empty() : OptionalInt.of(side);
    }

    /** {@code model.json}. */
    Asset json() throws JsonProcessingException {
        return new Asset(FILE, JSON.writeValueAsString(this) + "\n");
    }

    /** {@code README.md}. */
    Asset card() {
        var text = new StringBuilder();
        text.append("# A vision encoder pretrained with CAPI\n\n");
        text.append("Cluster and Predict Latent Patches (Darcet et al., 2025, arXiv 2502.08769): self-supervised, ")
                .append("frozen features for probes.\n\n");
        text.append("| | |\n| --- | --- |\n");
        row(text, "parameters", String.valueOf(parameters));
        row(text, "patch size", model.patchSize() + " x " + model.patchSize() + " pixels");
        row(text, "encoder", model.depth() + " blocks, width " + model.dim() + ", " + model.heads() + " heads");
        row(text, "registers", String.valueOf(model.registers()));
        row(text, "predictor", model.predictorDepth() + " blocks, width " + model.predictorDim());
        new TreeMap<>(origin).forEach((what, value) -> row(text, what, value));
        text.append("\nSignature `serving_default`: `images`, float32 [batch, height, width, 3], RGB in [0, 1], sides ")
                .append("multiples of ")
                .append(model.patchSize())
                .append("; the model normalises them. Outputs:\n\n");
        text.append("- `global` [batch, ").append(model.predictorDim()).append("]: one vector for the image\n");
        text.append("- `registers` [batch, ")
                .append(model.registers() + ", " + model.dim())
                .append("]\n");
        text.append("- `feature_map` [batch, height / ").append(model.patchSize() + ", width / " + model.patchSize());
        text.append(", ").append(model.dim()).append("]: one vector for each patch\n");
        return new Asset("README.md", text.toString());
    }

    private static void row(StringBuilder text, String what, String value) {
        text.append("| ").append(what).append(" | ").append(value).append(" |\n");
    }
}

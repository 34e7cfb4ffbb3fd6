package org.capi.savedmodels;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.EnumNamingStrategies;
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
import org.capi.graph.vit.FrozenEncoder;

/**
 * What a model says about itself in its folder {@code assets.extra}.
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

    /** Keeps an unmodifiable copy. */
    public ModelDescription {
        origin = Map.copyOf(origin);
    }

    /** What the model in a folder says of itself; a missing node where it says nothing. */
    public static JsonNode read(Path model) {
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
        return Asset.text(FILE, JSON.writeValueAsString(this) + "\n");
    }
}

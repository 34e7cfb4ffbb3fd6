package org.capi.train.config;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/** The height and width of a training image in pixels; one number in the YAML when they are equal. */
public record ImageSize(int height, int width) {

    private static final String KEY = "data.image_size";

    public ImageSize {
        Rule.atLeast(KEY, 1, height);
        Rule.atLeast(KEY, 1, width);
    }

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static ImageSize read(JsonNode node) {
        if (node.isArray() && node.size() == 2) {
            return new ImageSize(pixels(node.get(0), node), pixels(node.get(1), node));
        }
        int side = pixels(node, node);
        return new ImageSize(side, side);
    }

    @JsonValue
    Object written() {
        return height == width ? (Object) height : List.of(height, width);
    }

    private static int pixels(JsonNode number, JsonNode given) {
        Rule.check(
                number.isIntegralNumber() && number.canConvertToInt(),
                KEY,
                "must be a whole number of pixels, or [height, width]",
                given);
        return number.intValue();
    }
}

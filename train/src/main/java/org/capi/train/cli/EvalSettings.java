package org.capi.train.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.capi.eval.features.Transform;
import org.capi.savedmodels.VisionEncoder;

/** The settings of an evaluation that were given as {@code key=value}. */
final class EvalSettings {

    static final String IMAGE_SIZE = "image_size";
    static final String TRANSFORM = "transform";

    private static final int USUAL_IMAGE_SIZE = 224;

    private final Map<String, String> given = new LinkedHashMap<>();

    /** Takes what was given; a key that is not among those known is refused. */
    EvalSettings(List<String> texts, List<String> known) {
        for (String text : texts) {
            int equals = text.indexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException("a setting is key=value, was " + text);
            }
            String key = text.substring(0, equals).strip();
            if (!known.contains(key)) {
                throw new IllegalArgumentException("unknown key " + key + "; known here: " + String.join(", ", known));
            }
            given.put(key, text.substring(equals + 1).strip());
        }
    }

    String text(String key, String otherwise) {
        return given.getOrDefault(key, otherwise);
    }

    int integer(String key, int otherwise) {
        String value = given.get(key);
        try {
            return value == null ? otherwise : Integer.parseInt(value);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(key + " must be a whole number, was " + value, e);
        }
    }

    double number(String key, double otherwise) {
        String value = given.get(key);
        try {
            return value == null ? otherwise : Double.parseDouble(value);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(key + " must be a number, was " + value, e);
        }
    }

    /** Texts with commas between them. */
    List<String> texts(String key, List<String> otherwise) {
        String value = given.get(key);
        return value == null
                ? otherwise
                : Arrays.stream(value.split(",", -1)).map(String::strip).toList();
    }

    /** Numbers with commas between them. */
    List<Double> numbers(String key, List<Double> otherwise) {
        if (!given.containsKey(key)) {
            return otherwise;
        }
        List<Double> numbers = new ArrayList<>();
        for (String text : texts(key, List.of())) {
            try {
                numbers.add(Double.parseDouble(text));
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException(
                        key + " must be numbers with commas between them, one was " + text, e);
            }
        }
        return numbers;
    }

    /** How images become squares. */
    Transform transform(Transform otherwise) {
        return Transform.named(text(TRANSFORM, otherwise.toString()));
    }

    /** Refuses another way for images to become squares than the only one that an evaluation has. */
    void checkTransform(Transform only, String why) {
        if (transform(only) != only) {
            throw new IllegalArgumentException(
                    TRANSFORM + " must be " + only + " here, for " + why + ", was " + text(TRANSFORM, ""));
        }
    }

    int threads() {
        return integer("threads", Runtime.getRuntime().availableProcessors());
    }

    /** As given, else as the model was trained, else 224; a multiple of the model's patch size. */
    int imageSize(VisionEncoder encoder) {
        int side = integer(IMAGE_SIZE, encoder.imageSize().orElse(USUAL_IMAGE_SIZE));
        int patch = encoder.patchSize().orElse(1);
        if (side < 1 || side % patch != 0) {
            throw new IllegalArgumentException(
                    IMAGE_SIZE + " must be a multiple of the model's patch size " + patch + ", was " + side);
        }
        return side;
    }
}

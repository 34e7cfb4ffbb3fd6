package org.capi.train.ablate;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Values of a configuration by their keys, as a recipe gives them. */
final class Overrides {

    private static final String SEED = "seed";

    private Overrides() {}

    /** In the order given; empty for null. A seed is refused, because the recipe's list of seeds gives it. */
    static Map<String, JsonNode> copy(@Nullable Map<String, JsonNode> overrides) {
        if (overrides == null) {
            return Map.of();
        }
        if (overrides.containsKey(SEED)) {
            throw new IllegalArgumentException(
                    "an override must not be the seed, which seeds gives, was seed=" + overrides.get(SEED));
        }
        return Collections.unmodifiableMap(new LinkedHashMap<>(overrides));
    }

    /** Each as {@code section.key=value}. */
    static List<String> texts(@Nullable Map<String, JsonNode> overrides) {
        return copy(overrides).entrySet().stream()
                .map(entry -> entry.getKey() + "=" + entry.getValue())
                .toList();
    }

    /** {@code " with model.depth=2, seed=1"}, or nothing. */
    static String phrase(@Nullable Map<String, JsonNode> overrides) {
        List<String> texts = texts(overrides);
        return texts.isEmpty() ? "" : " with " + String.join(", ", texts);
    }
}

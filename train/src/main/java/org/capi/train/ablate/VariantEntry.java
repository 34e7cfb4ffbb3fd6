package org.capi.train.ablate;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A row of a table.
 *
 * @param overrides what it changes in the base, by keys such as {@code data.mask}
 * @param data images of its own to train on, {@code DIR[:SPLIT][,DIR...]}, or null for those of the command line
 * @param paper the paper's numbers in per cent, by the names of its columns
 */
record VariantEntry(
        String name,
        @Nullable Map<String, JsonNode> overrides,
        @Nullable String data,
        @Nullable Map<String, Double> paper) {

    VariantEntry {
        AblationRecipe.required("name of a variant", name);
        overrides = Overrides.copy(overrides);
        paper = paper == null ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(paper));
    }
}

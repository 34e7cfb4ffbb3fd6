package org.capi.train.ablate;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One table: a base configuration, its variants, and what each is judged by.
 *
 * @param title of the table
 * @param note a sentence below the title, or null
 * @param seeds each variant is trained once with each
 */
public record AblationRecipe(
        String title,
        @Nullable String note,
        Base base,
        List<Long> seeds,
        List<JudgeEntry> evaluations,
        List<VariantEntry> variants) {

    public AblationRecipe {
        required("title", title);
        required("base", base);
        seeds = several("seeds", seeds);
        evaluations = several("evaluations", evaluations);
        variants = several("variants", variants);
        distinct("seeds", seeds.stream().map(String::valueOf));
        distinct("evaluations", evaluations.stream().map(entry -> slug(entry.name())));
        distinct("variants", variants.stream().map(VariantEntry::name));
    }

    /** A name as part of a path: {@code inverse block + roll} is {@code inverse-block-roll}. */
    static String slug(String name) {
        String slug = name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9.]+", "-");
        String trimmed = slug.replaceAll("^[-.]+|[-.]+$", "");
        return trimmed.isEmpty() ? "unnamed" : trimmed;
    }

    /** Refuses a key that was not given. */
    static void required(String key, @Nullable Object value) {
        if (value == null || value.equals("")) {
            throw new IllegalArgumentException("missing key " + key);
        }
    }

    private static <T> List<T> several(String key, @Nullable List<T> values) {
        if (values == null || values.isEmpty()) {
            throw new IllegalArgumentException("a recipe must give at least one of " + key + ", there was none");
        }
        return List.copyOf(values);
    }

    private static void distinct(String key, Stream<String> values) {
        Set<String> seen = new HashSet<>();
        values.forEach(value -> {
            if (!seen.add(value)) {
                throw new IllegalArgumentException(key + " must differ from one another, there were two of " + value);
            }
        });
    }
}

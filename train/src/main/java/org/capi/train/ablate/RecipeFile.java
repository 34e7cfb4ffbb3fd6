package org.capi.train.ablate;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.capi.eval.recipe.RecipeEntry;
import org.capi.eval.recipe.RecipeYaml;
import org.capi.train.config.ConfigFile;
import org.capi.train.config.NearestName;
import org.capi.train.config.PretrainConfig;
import org.jspecify.annotations.Nullable;

/**
 * The recipe of an ablation and where it was read.
 *
 * @param name of a recipe that comes with the program, or of the file
 * @param folder that its paths start from
 */
public record RecipeFile(String name, Path folder, Content recipe) {

    private static final String TABLES =
            "table1a table1b table1c table1d table1e table1f table1g table1h table1i prototypes data length";

    /** The recipes that come with the program: the paper's tables at its own scale, and for two CPU cores. */
    public static final List<String> SHIPPED = Stream.of("", "demo-")
            .flatMap(scale -> Arrays.stream(TABLES.split(" ")).map(scale::concat))
            .toList();

    private static final String SEED = "seed";

    /**
     * One table: a base configuration, its variants, and how each is evaluated.
     *
     * @param note a sentence below the title, or null
     * @param seeds each variant is trained once with each
     */
    public record Content(
            String title,
            @Nullable String note,
            Base base,
            List<Long> seeds,
            List<AblationMetric> evaluations,
            List<Variant> variants) {

        public Content {
            RecipeEntry.required("title", title);
            RecipeEntry.required("base", base);
            seeds = several("seeds", seeds);
            evaluations = several("evaluations", evaluations);
            variants = several("variants", variants);
            distinct("seeds", seeds.stream().map(String::valueOf));
            distinct("evaluations", evaluations.stream().map(metric -> slug(metric.name())));
            distinct("variants", variants.stream().map(Variant::name));
        }
    }

    /**
     * The configuration that all variants start from.
     *
     * @param preset its name, or null where {@code config} names a file
     * @param config a path, relative to the recipe's folder
     * @param overrides values by their keys, such as {@code data.mask}
     */
    record Base(@Nullable String preset, @Nullable String config, Map<String, JsonNode> overrides) {

        Base {
            if ((preset == null) == (config == null)) {
                throw new IllegalArgumentException(
                        "base names either a preset or a config, was preset " + preset + " and config " + config);
            }
            overrides = withoutSeed(overrides);
        }

        ConfigFile read(Path folder) throws IOException {
            ConfigFile file = config == null
                    ? ConfigFile.preset(String.valueOf(preset))
                    : ConfigFile.read(folder.resolve(config));
            return file.with(texts(overrides));
        }

        /** {@code preset demo with model.depth=2}. */
        @Override
        public String toString() {
            return (config == null ? "preset " + preset : config)
                    + (overrides.isEmpty() ? "" : " with " + String.join(", ", texts(overrides)));
        }
    }

    /**
     * A row of a table.
     *
     * @param overrides what it changes in the base, by keys such as {@code data.mask}
     * @param data its own images to train on, {@code DIR[:SPLIT][,DIR...]}, or null for those of the command line
     * @param paper the paper's numbers in per cent, by the names of its columns
     */
    record Variant(
            String name,
            Map<String, JsonNode> overrides,
            @Nullable String data,
            Map<String, Double> paper) {

        Variant {
            RecipeEntry.required("name of a variant", name);
            overrides = withoutSeed(overrides);
            paper = copy(paper);
        }

        /** The configuration with the seed 0, checked as far as possible without its data. */
        PretrainConfig resolve(ConfigFile base) {
            try {
                PretrainConfig config =
                        base.with(texts(overrides)).with(List.of("seed=0")).resolve();
                config.step();
                config.batches();
                return config;
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("the variant " + name + ": " + e.getMessage(), e);
            }
        }

        /** Refuses overrides of the command line for what the recipe varies. */
        void check(List<String> commandLine) {
            for (String override : commandLine) {
                String key = override.substring(0, Math.max(0, override.indexOf('=')))
                        .strip();
                if (key.equals(SEED) || overrides.containsKey(key)) {
                    throw new IllegalArgumentException("an override must not set what the recipe varies, was "
                            + override + " (the variant " + name + ")");
                }
            }
        }

        String data(ImageSets sets) {
            return data == null ? sets.data() : sets.resolve(data);
        }
    }

    /** A recipe that comes with the program, by its name, or a file. */
    public static RecipeFile named(String text) throws IOException {
        if (SHIPPED.contains(text)) {
            try (InputStream resource = RecipeFile.class.getResourceAsStream(text + ".yaml")) {
                if (resource == null) {
                    throw new IllegalStateException("the recipe " + text + " is missing from the jar");
                }
                String yaml = new String(resource.readAllBytes(), StandardCharsets.UTF_8);
                return new RecipeFile(text, Path.of(""), parse(yaml, "the recipe " + text));
            }
        }
        Path file = Path.of(text);
        if (Files.isRegularFile(file)) {
            Path folder = file.toAbsolutePath().resolveSibling("");
            return new RecipeFile(text, folder, parse(RecipeYaml.read(file), "the recipe " + file));
        }
        throw new IllegalArgumentException("no recipe file and no recipe of the program: " + text + "; "
                + NearestName.question(text, SHIPPED) + "There are: " + String.join(", ", SHIPPED));
    }

    static Content parse(String text, String source) {
        return RecipeYaml.bind(RecipeYaml.parse(text, source), Content.class, source, (key, known) -> {
            String nearest = NearestName.to(key, known);
            return nearest == null ? "known here: " + String.join(", ", known) : "did you mean " + nearest + "?";
        });
    }

    ConfigFile base(List<String> overrides) throws IOException {
        return recipe.base.read(folder).with(overrides);
    }

    /** A name as part of a path: {@code inverse block + roll} is {@code inverse-block-roll}. */
    static String slug(String name) {
        String slug = name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9.]+", "-");
        String trimmed = slug.replaceAll("^[-.]+|[-.]+$", "");
        return trimmed.isEmpty() ? "unnamed" : trimmed;
    }

    /** In the order given; empty for null, as a key that is not given is bound. */
    static <T> Map<String, T> copy(@Nullable Map<String, T> values) {
        return values == null ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    private static Map<String, JsonNode> withoutSeed(@Nullable Map<String, JsonNode> overrides) {
        if (overrides != null && overrides.containsKey(SEED)) {
            throw new IllegalArgumentException(
                    "an override must not be the seed, which seeds gives, was seed=" + overrides.get(SEED));
        }
        return copy(overrides);
    }

    /** Each as {@code section.key=value}. */
    private static List<String> texts(Map<String, JsonNode> overrides) {
        return overrides.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + entry.getValue())
                .toList();
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

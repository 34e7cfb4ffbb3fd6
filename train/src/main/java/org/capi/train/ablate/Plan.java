package org.capi.train.ablate;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.capi.data.arrow.ImageDataset;
import org.capi.train.config.ConfigFile;
import org.capi.train.config.PretrainConfig;
import org.capi.train.loop.Recipe;

/**
 * What is to be trained, for which tables.
 *
 * @param sheets one for each recipe
 */
public record Plan(List<Sheet> sheets) {

    public Plan {
        sheets = List.copyOf(sheets);
    }

    /**
     * A table to be filled.
     *
     * @param base what its variants start from, in words
     */
    record Sheet(RecipeFile file, String base, List<JudgeEntry> evaluations, List<Row> rows) {

        Sheet {
            evaluations = List.copyOf(evaluations);
            rows = List.copyOf(rows);
        }
    }

    /** Refuses recipes whose variants cannot be, or whose images are not there, before a folder is made. */
    public static void check(List<RecipeFile> files, List<String> overrides, ImageSets sets) throws IOException {
        Set<String> images = new LinkedHashSet<>();
        for (RecipeFile file : files) {
            ConfigFile base = file.recipe().base().read(file.folder()).with(overrides);
            for (VariantEntry variant : file.recipe().variants()) {
                checkOverrides(variant, overrides);
                resolve(variant, base);
                images.addAll(List.of(data(variant, sets).split(",", -1)));
            }
            for (JudgeEntry entry : file.recipe().evaluations()) {
                images.add(sets.resolve(entry.train()));
                images.add(sets.resolve(entry.test()));
            }
        }
        for (String set : images) {
            ImageDataset.open(set).close();
        }
    }

    /**
     * Resolves every variant, and notes it in the folder. Variants of one configuration and data are trained once, also
     * those of different recipes. One whose training has begun with another configuration is refused.
     *
     * @param overrides for the base of every recipe, {@code section.key=value}
     */
    public static Plan of(List<RecipeFile> files, List<String> overrides, ImageSets sets, AblationFolder folder)
            throws IOException {
        Assignments assignments = Assignments.read(folder);
        Map<String, String> definitions = new LinkedHashMap<>();
        List<Sheet> sheets = new ArrayList<>();
        for (RecipeFile file : files) {
            AblationRecipe recipe = file.recipe();
            ConfigFile base = recipe.base().read(file.folder()).with(overrides);
            List<JudgeEntry> evaluations =
                    recipe.evaluations().stream().map(entry -> entry.at(sets)).toList();
            for (JudgeEntry entry : evaluations) {
                String definition = entry.definition();
                String before = definitions.putIfAbsent(AblationRecipe.slug(entry.name()), definition);
                if (before != null && !before.equals(definition)) {
                    throw new IllegalArgumentException("the evaluation " + entry.name() + " must be the same in every"
                            + " recipe, was " + before + " and " + definition);
                }
            }
            List<Row> rows = new ArrayList<>();
            for (VariantEntry variant : recipe.variants()) {
                rows.add(row(variant, recipe, base, overrides, sets, evaluations, assignments));
            }
            String phrase = recipe.base() + (overrides.isEmpty() ? "" : ", and " + String.join(", ", overrides));
            sheets.add(new Sheet(file, phrase, evaluations, rows));
        }
        assignments.write();
        return new Plan(sheets);
    }

    /** Every training once, in the order of the tables. */
    List<Trial> trials() {
        Map<String, Trial> trials = new LinkedHashMap<>();
        for (Sheet sheet : sheets) {
            for (Row row : sheet.rows()) {
                row.trials().forEach(trial -> trials.merge(trial.folder(), trial, Plan::together));
            }
        }
        return List.copyOf(trials.values());
    }

    /** One training for two tables is judged by the evaluations of both. */
    private static Trial together(Trial first, Trial second) {
        List<JudgeEntry> evaluations = new ArrayList<>(first.evaluations());
        second.evaluations().stream()
                .filter(entry ->
                        evaluations.stream().noneMatch(one -> one.name().equals(entry.name())))
                .forEach(evaluations::add);
        return new Trial(first.variant(), first.slug(), first.seed(), first.data(), first.steps(), evaluations);
    }

    private static Row row(
            VariantEntry variant,
            AblationRecipe recipe,
            ConfigFile base,
            List<String> overrides,
            ImageSets sets,
            List<JudgeEntry> evaluations,
            Assignments assignments)
            throws IOException {
        checkOverrides(variant, overrides);
        PretrainConfig config = resolve(variant, base);
        String data = data(variant, sets);
        String slug = assignments.assign(variant.name(), config, data);
        List<Trial> trials = recipe.seeds().stream()
                .map(seed -> new Trial(
                        variant.name(), slug, seed, data, config.optim().totalSteps(), evaluations))
                .toList();
        return new Row(variant.name(), variant.paper() == null ? Map.of() : variant.paper(), trials);
    }

    private static void checkOverrides(VariantEntry variant, List<String> overrides) {
        for (String override : overrides) {
            String key =
                    override.substring(0, Math.max(0, override.indexOf('='))).strip();
            if (key.equals("seed") || Overrides.copy(variant.overrides()).containsKey(key)) {
                throw new IllegalArgumentException("an override must not set what the recipe varies, was " + override
                        + " (the variant " + variant.name() + ")");
            }
        }
    }

    private static String data(VariantEntry variant, ImageSets sets) {
        String own = variant.data();
        return own == null ? sets.data() : sets.resolve(own);
    }

    /** The configuration of a variant, with the seed 0, checked as far as can be without its data. */
    static PretrainConfig resolve(VariantEntry variant, ConfigFile base) {
        try {
            PretrainConfig config = base.with(Overrides.texts(variant.overrides()))
                    .with(List.of("seed=0"))
                    .resolve();
            new Recipe(config).step();
            new Recipe(config).batches();
            return config;
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("the variant " + variant.name() + ": " + e.getMessage(), e);
        }
    }
}

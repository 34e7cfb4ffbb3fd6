package org.capi.eval.recipe;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.commons.io.function.IOConsumer;
import org.capi.data.files.StrictJson;
import org.capi.eval.features.FeatureCache;
import org.capi.eval.features.JobProgress;
import org.capi.eval.features.LoadedModel;
import org.capi.eval.report.Report;
import org.capi.eval.report.Section;
import org.jspecify.annotations.Nullable;

/** Runs a recipe, and writes {@code results.json}, {@code report.html}, and pictures below {@code files}. */
public record RecipeRun(Recipe recipe, Path out, int threads) {

    private static final String FILES = "files";

    /** One measured fraction, and the paper's number and those of baselines where there are any. */
    public record Line(
            String evaluation,
            String measure,
            String model,
            double value,
            @Nullable Double paper,
            @Nullable Double chance,
            @Nullable Double pixels,
            @Nullable Double untrained) {

        static Line of(String evaluation, RecipeEntry.Measure of, String model) {
            return new Line(
                    evaluation, of.name(), model, of.value(), of.paper(), of.chance(), of.pixels(), of.untrained());
        }

        /** {@code untrained 32.6 %, raw pixels 42.8 %, chance 10.0 %}; empty where there are none. */
        public String baselines() {
            List<String> named = new ArrayList<>();
            for (Baseline baseline : Baseline.ALL) {
                Double value = baseline.of.apply(this);
                if (value != null) {
                    named.add(baseline.name + " " + percent(value));
                }
            }
            return String.join(", ", named);
        }
    }

    /** What was measured, and what a reader of it must know. */
    public record Results(List<Line> lines, List<Warning> warnings) {

        public Results {
            lines = List.copyOf(lines);
            warnings = List.copyOf(warnings);
        }

        public record Warning(String evaluation, String model, String text) {}
    }

    /** A column of the table that has a number where a line does. */
    private record Baseline(String name, Function<Line, @Nullable Double> of) {

        static final List<Baseline> ALL = List.of(
                new Baseline("untrained", Line::untrained),
                new Baseline("raw pixels", Line::pixels),
                new Baseline("chance", Line::chance));
    }

    /** Checks every entry first, so that a mistake shows before hours are spent; then evaluates and writes. */
    public Results run(FeatureCache cache, JobProgress progress) throws IOException {
        check(RecipeEntry::check);
        for (String path : recipe.models()) {
            try (LoadedModel model = LoadedModel.open(Path.of(path))) {
                check(entry -> model.shapes(entry.side(model), entry.features()));
            }
        }
        Files.createDirectories(out);
        List<Line> lines = new ArrayList<>();
        List<Results.Warning> warnings = new ArrayList<>();
        List<Section> sections = new ArrayList<>();
        List<String> names = new ArrayList<>();
        for (String path : recipe.models()) {
            try (LoadedModel model = LoadedModel.open(Path.of(path))) {
                String name = names.contains(model.name()) ? path : model.name();
                names.add(name);
                for (int i = 0; i < recipe.evaluations().size(); i++) {
                    RecipeEntry entry = recipe.evaluations().get(i);
                    Path folder = out.resolve(FILES).resolve(names.size() + "-" + (i + 1));
                    var context = new RecipeEntry.Context(
                            cache, folder, threads, part -> progress.part(name + ", " + entry.title() + ", " + part));
                    RecipeEntry.Result result = entry.run(model, context);
                    for (RecipeEntry.Measure measure : result.measures()) {
                        lines.add(Line.of(entry.title(), measure, name));
                    }
                    result.warnings().forEach(text -> warnings.add(new Results.Warning(entry.title(), name, text)));
                    sections.addAll(result.sections());
                }
            }
        }
        StrictJson.write(out.resolve("results.json"), lines);
        if (!warnings.isEmpty()) {
            sections.add(0, warnings(warnings));
        }
        if (!lines.isEmpty()) {
            sections.add(0, table(lines, names));
        }
        String lead = recipe.evaluations().size() + " evaluations of " + String.join(", ", names) + ".";
        new Report("Evaluations", lead, sections).write(out.resolve("report.html"));
        return new Results(lines, warnings);
    }

    private static Section.Table warnings(List<Results.Warning> warnings) {
        List<List<String>> rows = warnings.stream()
                .map(warning -> List.of(warning.evaluation, warning.model, warning.text))
                .toList();
        return new Section.Table("Warnings", "", List.of("evaluation", "model", "warning"), rows);
    }

    private void check(IOConsumer<RecipeEntry> check) throws IOException {
        for (int i = 0; i < recipe.evaluations().size(); i++) {
            try {
                check.accept(recipe.evaluations().get(i));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(recipe.position(i) + ": " + e.getMessage(), e);
            }
        }
    }

    /**
     * A row for each measure, of which each model has the same; a column for each model, then those of the baselines
     * that there are, and the paper's numbers last.
     */
    private static Section.Table table(List<Line> lines, List<String> models) {
        List<Baseline> baselines = Baseline.ALL.stream()
                .filter(baseline -> lines.stream().anyMatch(line -> baseline.of.apply(line) != null))
                .toList();
        List<String> columns = new ArrayList<>(List.of("evaluation", "measure"));
        columns.addAll(models);
        baselines.forEach(baseline -> columns.add(baseline.name));
        columns.add("paper");
        int count = lines.size() / models.size();
        List<List<String>> rows = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            List<Line> ofModels = new ArrayList<>();
            for (int model = 0; model < models.size(); model++) {
                ofModels.add(lines.get(model * count + i));
            }
            Line first = ofModels.get(0);
            List<String> row = new ArrayList<>(List.of(first.evaluation(), first.measure()));
            ofModels.forEach(line -> row.add(percent(line.value())));
            for (Baseline baseline : baselines) {
                // Models of several architectures differ where they are untrained.
                row.add(ofModels.stream()
                        .map(line -> percent(baseline.of.apply(line)))
                        .distinct()
                        .collect(Collectors.joining(" / ")));
            }
            row.add(percent(first.paper()));
            rows.add(row);
        }
        return new Section.Table(
                "All results",
                (baselines.isEmpty()
                                ? ""
                                : "Untrained: the same architecture with random weights. Raw pixels: the images"
                                        + " themselves at 16 x 16 pixels, no model. Chance: guessing the class. ")
                        + "Paper: the results of CAPI ViT-L/14 trained on LVD-142M, for datasets that the"
                        + " paper reports.",
                columns,
                rows);
    }

    private static String percent(@Nullable Double fraction) {
        return fraction == null ? "" : String.format(Locale.ROOT, "%.1f %%", 100 * fraction);
    }
}

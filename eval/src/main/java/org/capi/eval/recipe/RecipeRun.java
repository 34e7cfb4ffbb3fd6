package org.capi.eval.recipe;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.capi.data.files.DurableFile;
import org.capi.eval.features.FeatureCache;
import org.capi.eval.features.JobProgress;
import org.capi.eval.features.LoadedModel;
import org.capi.eval.report.Report;
import org.capi.eval.report.Section;
import org.jspecify.annotations.Nullable;

/** Runs a recipe, and writes {@code results.json}, {@code report.html}, and pictures below {@code files}. */
public record RecipeRun(Recipe recipe, Path out, int threads) {

    private static final JsonMapper JSON = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build();

    private static final String FILES = "files";

    /** One measured fraction, and the paper's number where there is one. */
    public record Line(
            String evaluation,
            String measure,
            String model,
            double value,
            @Nullable Double paper) {}

    @FunctionalInterface
    private interface Check {

        void of(RecipeEntry entry) throws IOException;
    }

    /** Checks every entry first, so that a mistake shows before hours are spent; then evaluates and writes. */
    public List<Line> run(FeatureCache cache, JobProgress progress) throws IOException {
        check(RecipeEntry::check);
        for (String path : recipe.models()) {
            try (LoadedModel model = LoadedModel.open(Path.of(path))) {
                check(entry -> model.shapes(entry.side(model), entry.features()));
            }
        }
        Files.createDirectories(out);
        List<Line> lines = new ArrayList<>();
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
                        lines.add(new Line(entry.title(), measure.name(), name, measure.value(), measure.paper()));
                    }
                    sections.addAll(result.sections());
                }
            }
        }
        DurableFile.write(out.resolve("results.json"), JSON.writeValueAsString(lines) + "\n");
        if (!lines.isEmpty()) {
            sections.add(0, table(lines, names));
        }
        String lead = recipe.evaluations().size() + " evaluations of " + String.join(", ", names) + ".";
        new Report("Evaluations", lead, sections).write(out.resolve("report.html"));
        return lines;
    }

    private void check(Check check) throws IOException {
        for (int i = 0; i < recipe.evaluations().size(); i++) {
            try {
                check.of(recipe.evaluations().get(i));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(recipe.position(i) + ": " + e.getMessage(), e);
            }
        }
    }

    /**
     * A row for each measure, of which each model has the same; a column for each model, and the paper's numbers last.
     */
    private static Section.Table table(List<Line> lines, List<String> models) {
        List<String> columns = new ArrayList<>(List.of("evaluation", "measure"));
        columns.addAll(models);
        columns.add("paper");
        int count = lines.size() / models.size();
        List<List<String>> rows = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Line first = lines.get(i);
            List<String> row = new ArrayList<>(List.of(first.evaluation(), first.measure()));
            for (int model = 0; model < models.size(); model++) {
                row.add(percent(lines.get(model * count + i).value()));
            }
            row.add(first.paper() == null ? "" : percent(first.paper()));
            rows.add(row);
        }
        return new Section.Table(
                "All of them",
                "Paper: CAPI ViT-L/14 on LVD-142M, where the entry names a dataset that the paper has.",
                columns,
                rows);
    }

    private static String percent(double fraction) {
        return String.format(Locale.ROOT, "%.1f %%", 100 * fraction);
    }
}

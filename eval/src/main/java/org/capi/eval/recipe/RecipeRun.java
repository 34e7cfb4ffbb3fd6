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
import org.capi.eval.report.Table;
import org.jspecify.annotations.Nullable;

/** Does what a recipe says, and writes {@code results.json}, {@code report.html}, and pictures below {@code files}. */
public record RecipeRun(Recipe recipe, Path out, int threads) {

    private static final JsonMapper JSON = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build();

    private static final String FILES = "files";

    /** One measured fraction, and the paper's own where there is one. */
    public record Line(
            String evaluation,
            String measure,
            String model,
            double value,
            @Nullable Double paper) {}

    /** Checks every entry first, so that a mistake shows before hours are spent; then evaluates and writes. */
    public List<Line> run(FeatureCache cache, JobProgress progress) throws IOException {
        for (int i = 0; i < recipe.evaluations().size(); i++) {
            try {
                recipe.evaluations().get(i).check();
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(recipe.place(i) + ": " + e.getMessage(), e);
            }
        }
        for (String model : recipe.models()) {
            check(Path.of(model));
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
                    var context = new RecipeContext(
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

    /** Refuses a model that does not take the images, or gives no numbers for them. */
    private void check(Path path) throws IOException {
        try (LoadedModel model = LoadedModel.open(path)) {
            for (int i = 0; i < recipe.evaluations().size(); i++) {
                RecipeEntry entry = recipe.evaluations().get(i);
                try {
                    model.shapes(RecipeContext.imageSize(model, entry.imageSize()), entry.features());
                } catch (IllegalArgumentException e) {
                    throw new IllegalArgumentException(recipe.place(i) + ": " + e.getMessage(), e);
                }
            }
        }
    }

    /** A row for each measure, a column for each model, and the paper's numbers last. */
    private static Table table(List<Line> lines, List<String> models) {
        List<String> columns = new ArrayList<>(List.of("evaluation", "measure"));
        columns.addAll(models);
        columns.add("paper");
        List<List<String>> rows = new ArrayList<>();
        for (Line first : lines) {
            if (!first.model().equals(models.get(0))) {
                continue;
            }
            List<String> row = new ArrayList<>(List.of(first.evaluation(), first.measure()));
            for (String model : models) {
                lines.stream()
                        .filter(line -> line.model().equals(model)
                                && line.evaluation().equals(first.evaluation())
                                && line.measure().equals(first.measure()))
                        .findFirst()
                        .ifPresentOrElse(line -> row.add(percent(line.value())), () -> row.add(""));
            }
            row.add(first.paper() == null ? "" : percent(first.paper()));
            rows.add(row);
        }
        return new Table(
                "All of them",
                "Paper: CAPI ViT-L/14 on LVD-142M, where the entry names a dataset that the paper has.",
                columns,
                rows);
    }

    private static String percent(double fraction) {
        return String.format(Locale.ROOT, "%.1f %%", 100 * fraction);
    }
}

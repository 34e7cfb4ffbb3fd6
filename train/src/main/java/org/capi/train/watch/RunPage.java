package org.capi.train.watch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import org.capi.eval.report.Charts.Curves;
import org.capi.eval.report.Charts.Curves.Point;
import org.capi.eval.report.Charts.Curves.Series;
import org.capi.eval.report.Figures.Gallery;
import org.capi.eval.report.Figures.Gallery.GalleryImage;
import org.capi.eval.report.Report;
import org.capi.eval.report.Section;
import org.capi.eval.report.Section.Facts;
import org.capi.eval.report.Section.Facts.Fact;
import org.capi.eval.report.Section.Table;
import org.capi.train.config.PretrainConfig;
import org.capi.train.evals.Evaluations;
import org.capi.train.metrics.MetricsFile;
import org.capi.train.run.RunFolder;

/**
 * The page of a run: its curves, alarms and evaluations.
 *
 * @param curves by the names of the measures
 * @param alarms the newest last: step and advice
 */
record RunPage(
        RunFolder run,
        PretrainConfig config,
        MetricsFile.Line last,
        Map<String, ThinnedSeries> curves,
        List<List<String>> alarms,
        List<Evaluations.Result> evals) {

    private static final String BYTES = "bytes";
    private static final int PICTURES = 4;

    /**
     * Values over the steps of a run in bounded memory: when there are too many points, neighbours become their mean.
     */
    static final class ThinnedSeries {

        private static final int MAX_POINTS = 600;

        private final List<Point> points = new ArrayList<>();
        private int each = 1;
        private int waiting;
        private double sum;

        void add(long step, double value) {
            if (!Double.isFinite(value)) {
                return;
            }
            sum += value;
            waiting++;
            if (waiting == each) {
                points.add(new Point(step, sum / each));
                sum = 0;
                waiting = 0;
                if (points.size() == MAX_POINTS) {
                    halve();
                }
            }
        }

        List<Point> points() {
            return List.copyOf(points);
        }

        private void halve() {
            List<Point> means = new ArrayList<>();
            for (int i = 0; i + 1 < points.size(); i += 2) {
                Point next = points.get(i + 1);
                means.add(new Point(next.step(), (points.get(i).value() + next.value()) / 2));
            }
            points.clear();
            points.addAll(means);
            each *= 2;
        }
    }

    void write() throws IOException {
        List<Section> sections = new ArrayList<>();
        sections.add(facts());
        if (!alarms.isEmpty()) {
            sections.add(new Table(
                    "Alarms",
                    "Signs that the training may have gone wrong, the newest last.",
                    List.of("step", "alarm"),
                    alarms));
        }
        sections.add(charts("Losses", losses(), "student_loss", "clustering_loss", "target_entropy"));
        evaluations(sections);
        if (config.capi().objective().assigns()) {
            sections.add(charts(
                    "Signs of collapse",
                    "Prototype use is the share of prototypes in use: it should stay above 70 %, and below 5 % the"
                            + " training has collapsed. Positional collapse is how much of a patch's cluster can be"
                            + " told from its position alone: it should stay below 20 %.",
                    Alarm.PROTOTYPE_USE,
                    Alarm.POSITIONAL_COLLAPSE));
        }
        sections.add(charts(
                "Optimization",
                "",
                "learning_rate",
                "clustering_learning_rate",
                "momentum",
                "gradient_norm",
                "clustering_gradient_norm",
                "update_ratio"));
        String[] clock = {"time/step_seconds", "time/data_wait_seconds", "time/resident_bytes", "time/heap_bytes"};
        sections.add(charts("Time and memory", "", clock));
        new Report("Pretraining " + run.path().toAbsolutePath().normalize().getFileName(), lead(), sections)
                .write(run.reportFile());
    }

    private String losses() {
        return switch (config.capi().objective()) {
            case CLUSTERING ->
                "The student's loss is the cross-entropy of its predictions, the clustering loss says how well the"
                        + " prototypes fit the features, and the target entropy is in nats. The losses should fall"
                        + " steeply at first and then level off.";
            case IBOT -> "The student's loss is the cross-entropy of its predictions; the target entropy is in nats.";
            case DIRECT -> "The student's loss is the Huber loss between its predictions and the targets.";
        };
    }

    private String lead() {
        return format(
                "After step %,d of %,d the student's loss is %.3f.%s",
                last.step(),
                config.optim().totalSteps(),
                last.numbers().getOrDefault("student_loss", Double.NaN),
                alarms.isEmpty() ? "" : " There were alarms.");
    }

    private static String format(String text, Object... values) {
        return String.format(Locale.ROOT, text, values);
    }

    private static String percent(OptionalDouble fraction) {
        return fraction.isPresent() ? format("%.1f %%", 100 * fraction.getAsDouble()) : "";
    }

    private Facts facts() {
        var model = config.model();
        var capi = config.capi();
        int batch = config.optim().batchSize();
        double seconds = last.numbers().getOrDefault("time/step_seconds", Double.NaN);
        String encoder = model.depth() + " blocks, width " + model.dim() + ", patch " + model.patchSize();
        String objective = capi.objective() + ", "
                + (capi.objective().assigns() ? capi.prototypes() + " prototypes" : capi.targets());
        List<Fact> facts = new ArrayList<>(List.of(
                new Fact("folder", run.path().toString()),
                new Fact("encoder", encoder),
                new Fact("objective", objective),
                new Fact("batch", String.valueOf(batch)),
                new Fact("last step", format("%.3f s, %.0f images/s", seconds, batch / seconds))));
        Double memory = last.numbers().get("time/resident_bytes");
        if (memory != null) {
            facts.add(new Fact("memory", format("%.2f GB", memory / 1e9)));
        }
        return new Facts("The run", facts);
    }

    private Curves charts(String heading, String note, String... names) {
        List<Series> series = new ArrayList<>();
        for (String name : names) {
            ThinnedSeries curve = curves.get(name);
            if (curve != null) {
                series.add(series(name.replace("time/", "").replace('_', ' '), curve.points()));
            }
        }
        return new Curves(heading, note, series);
    }

    private static Series series(String name, List<Point> points) {
        if (!name.endsWith(BYTES)) {
            return new Series(name, points);
        }
        List<Point> gigabytes = points.stream()
                .map(point -> new Point(point.step(), point.value() / 1e9))
                .toList();
        return new Series(name.replace(BYTES, "memory, GB"), gigabytes);
    }

    private void evaluations(List<Section> sections) throws IOException {
        List<List<String>> rows = new ArrayList<>();
        List<GalleryImage> plates = new ArrayList<>();
        for (Evaluations.Result result : evals) {
            if (result.top1().isPresent()) {
                rows.add(List.of(
                        String.valueOf(result.step()),
                        result.name(),
                        result.representation(),
                        percent(result.top1()),
                        percent(result.untrained()),
                        percent(result.pixels()),
                        result.line().path("test").asText()));
            }
            Path picture = result.picture();
            if (Files.isRegularFile(picture)) {
                plates.add(
                        GalleryImage.of("step " + result.step() + ", " + result.name(), Files.readAllBytes(picture)));
            }
        }
        if (!rows.isEmpty()) {
            sections.add(new Table(
                    "Evaluations",
                    "Accuracy of k-NN. Untrained: the same network with random weights. Raw pixels:"
                            + " the images themselves at 16 x 16 pixels, no model.",
                    List.of("step", "evaluation", "representation", "accuracy", "untrained", "raw pixels", "images"),
                    rows));
        }
        if (!plates.isEmpty()) {
            sections.add(new Gallery(
                    "What the features show",
                    "The patch features as colours, by PCA: patches of the same colour have similar features. The"
                            + " newest evaluations.",
                    plates.subList(Math.max(0, plates.size() - PICTURES), plates.size())));
        }
    }
}

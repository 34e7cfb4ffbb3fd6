package org.capi.train.watch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.capi.eval.report.Curves;
import org.capi.eval.report.Curves.Point;
import org.capi.eval.report.Curves.Series;
import org.capi.eval.report.Facts;
import org.capi.eval.report.Facts.Fact;
import org.capi.eval.report.Gallery;
import org.capi.eval.report.Gallery.Plate;
import org.capi.eval.report.Report;
import org.capi.eval.report.Section;
import org.capi.eval.report.Table;
import org.capi.train.config.PretrainConfig;
import org.capi.train.evals.EvalResult;
import org.capi.train.metrics.MetricsLine;
import org.capi.train.run.RunFolder;

/**
 * The page that shows where a run is: its curves, alarms and evaluations.
 *
 * @param curves by the names of the measures
 * @param alarms the newest last: step and what was said
 */
record RunPage(
        RunFolder run,
        PretrainConfig config,
        MetricsLine last,
        Map<String, ThinnedSeries> curves,
        List<List<String>> alarms,
        List<EvalResult> evals) {

    private static final String BYTES = "bytes";
    private static final int PICTURES = 4;

    void write() throws IOException {
        List<Section> sections = new ArrayList<>();
        sections.add(facts());
        if (!alarms.isEmpty()) {
            sections.add(new Table("Alarms", "The newest last.", List.of("step", "what"), alarms));
        }
        sections.add(charts("Losses", losses(), "student_loss", "clustering_loss", "target_entropy"));
        evaluations(sections);
        if (config.capi().objective().assigns()) {
            sections.add(charts(
                    "Signs of collapse",
                    "The share of the prototypes in use (alarms below 70 % and below 5 %), and how much of the assignments the position"
                            + " alone tells (an alarm above 20 %).",
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
        sections.add(charts(
                "Time and memory",
                "",
                "time/step_seconds",
                "time/data_wait_seconds",
                "time/resident_bytes",
                "time/heap_bytes"));
        new Report("Pretraining " + run.path().toAbsolutePath().normalize().getFileName(), lead(), sections)
                .write(run.reportFile());
    }

    private String losses() {
        return switch (config.capi().objective()) {
            case CLUSTERING ->
                "Cross-entropy of the student's predictions, the clustering loss of the prototypes, and the"
                        + " entropy of the targets in nats.";
            case IBOT -> "Cross-entropy of the student's predictions, and the entropy of the targets in nats.";
            case DIRECT -> "The Huber distance of the student's predictions from the targets.";
        };
    }

    private String lead() {
        return String.format(
                Locale.ROOT,
                "After step %,d of %,d the student's loss is %.3f.%s",
                last.step(),
                config.optim().totalSteps(),
                last.numbers().getOrDefault("student_loss", Double.NaN),
                alarms.isEmpty() ? "" : " There were alarms.");
    }

    private Facts facts() {
        double seconds = last.numbers().getOrDefault("time/step_seconds", Double.NaN);
        return new Facts(
                "The run",
                List.of(
                        new Fact("folder", run.path().toString()),
                        new Fact(
                                "encoder",
                                config.model().depth() + " blocks, width "
                                        + config.model().dim() + ", patch "
                                        + config.model().patchSize()),
                        new Fact(
                                "objective",
                                config.capi().objective().assigns()
                                        ? config.capi().objective() + ", "
                                                + config.capi().prototypes() + " prototypes"
                                        : config.capi().objective() + ", "
                                                + config.capi().targets()),
                        new Fact("batch", String.valueOf(config.optim().batchSize())),
                        new Fact(
                                "last step",
                                String.format(
                                        Locale.ROOT,
                                        "%.3f s, %.0f images/s",
                                        seconds,
                                        config.optim().batchSize() / seconds)),
                        new Fact(
                                "memory",
                                String.format(
                                        Locale.ROOT,
                                        "%.2f GB",
                                        last.numbers().getOrDefault("time/resident_bytes", 0.0) / 1e9))));
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

    /** Bytes are shown in GB. */
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
        List<Plate> plates = new ArrayList<>();
        for (EvalResult result : evals) {
            if (result.top1().isPresent()) {
                rows.add(List.of(
                        String.valueOf(result.step()),
                        result.name(),
                        String.format(
                                Locale.ROOT, "%.1f %%", 100 * result.top1().getAsDouble()),
                        result.line().path("test").asText()));
            }
            Path picture = result.picture();
            if (Files.isRegularFile(picture)) {
                plates.add(Plate.of("step " + result.step() + ", " + result.name(), Files.readAllBytes(picture)));
            }
        }
        if (!rows.isEmpty()) {
            sections.add(new Table("Evaluations", "", List.of("step", "what", "top-1", "images"), rows));
        }
        if (!plates.isEmpty()) {
            sections.add(new Gallery(
                    "What the features follow",
                    "Principal components of the patch features as colours; the newest evaluations.",
                    plates.subList(Math.max(0, plates.size() - PICTURES), plates.size())));
        }
    }
}

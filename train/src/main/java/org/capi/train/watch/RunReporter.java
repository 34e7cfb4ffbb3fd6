package org.capi.train.watch;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import javax.imageio.ImageIO;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.capi.train.config.PretrainConfig;
import org.capi.train.evals.Evaluations.Result;
import org.capi.train.metrics.MetricsFile;
import org.capi.train.metrics.StepMetrics;
import org.capi.train.run.RunFolder;
import org.capi.train.watch.RunPage.ThinnedSeries;
import org.jspecify.annotations.Nullable;

/** Shows the progress of a run, next to its metrics: alarms, {@code report.html}, TensorBoard's files. */
public final class RunReporter implements AutoCloseable {

    private static final Logger log = LogManager.getLogger(RunReporter.class);
    private static final long PAGE_EVERY_NANOS = 60_000_000_000L;
    private static final long ALARM_EVERY_STEPS = 1000;
    private static final int MAX_ALARMS = 20;

    private final RunFolder run;
    private final PretrainConfig config;
    private final @Nullable EventFile events;
    private final long first;
    private final Set<String> shownBefore;

    private final Map<String, ThinnedSeries> curves = new LinkedHashMap<>();
    private final List<List<String>> alarms = new ArrayList<>();
    /** The step of the last advice, by measures. */
    private final Map<String, Long> alarmed = new LinkedHashMap<>();

    private MetricsFile.@Nullable Line last;
    private long written = System.nanoTime();
    private int shownEvals;

    private RunReporter(long step, RunFolder run, PretrainConfig config) throws IOException {
        this.run = run;
        this.config = config;
        first = step;
        shownBefore = EventFile.evaluations(run.tensorboard());
        events = config.metrics().tensorboard() ? EventFile.after(step, run.tensorboard()) : null;
    }

    /** For a run that starts (step 0) or continues after a step. */
    public static RunReporter after(long step, RunFolder run, PretrainConfig config) throws IOException {
        var reporter = new RunReporter(step, run, config);
        if (step > 0) {
            MetricsFile.read(run.metricsFile(), line -> {
                reporter.keep(line);
                return true;
            });
        }
        return reporter;
    }

    /** The line of a step, with the alarms that it raises: a function of the step alone, as the metrics are. */
    public MetricsFile.Line line(StepMetrics metrics, StepMetrics.Times times) {
        MetricsFile.Line line = MetricsFile.Line.of(metrics, List.of(), times);
        List<Alarm> raised = raised(line);
        return raised.isEmpty()
                ? line
                : MetricsFile.Line.of(
                        metrics, raised.stream().map(Alarm::measure).toList(), times);
    }

    /**
     * Takes a step: logs its alarms, and writes what is due.
     *
     * @param shares computes the share of the assignments that each prototype gets; empty where nothing is assigned
     */
    public void report(MetricsFile.Line line, List<Result> evals, Supplier<float[]> shares) throws IOException {
        keep(line);
        if (events != null) {
            if (line.step() % config.metrics().every() == 0
                    || line.step() == config.optim().totalSteps()) {
                events.numbers(line.step(), line.numbers());
                float[] use = shares.get();
                if (use.length > 0) {
                    events.use(line.step(), use);
                }
            }
            showNew(events, evals);
        }
        if (System.nanoTime() - written > PAGE_EVERY_NANOS) {
            written = System.nanoTime();
            writePage(evals);
        }
    }

    public void writePage(List<Result> evals) throws IOException {
        if (last != null) {
            new RunPage(run, config, last, curves, alarms, evals).write();
        }
        if (events != null) {
            showNew(events, evals);
            events.flush();
        }
    }

    @Override
    public void close() {
        if (events != null) {
            events.close();
        }
    }

    private void keep(MetricsFile.Line line) {
        last = line;
        line.numbers()
                .forEach((name, value) ->
                        curves.computeIfAbsent(name, key -> new ThinnedSeries()).add(line.step(), value));
        for (Alarm alarm : line.alarms().isEmpty() ? List.<Alarm>of() : raised(line)) {
            Long before = alarmed.get(alarm.measure());
            if (before == null || line.step() >= before + ALARM_EVERY_STEPS) {
                alarmed.put(alarm.measure(), line.step());
                String advice = alarm.advice(config);
                log.warn("step {}: {}", line.step(), advice);
                alarms.add(List.of(String.valueOf(line.step()), advice));
                if (alarms.size() > MAX_ALARMS) {
                    alarms.remove(0);
                }
            }
        }
    }

    /** None before the window of the measures was filled twice: until then they describe the start. */
    private List<Alarm> raised(MetricsFile.Line line) {
        return line.step() < 2L * config.metrics().collapseWindow() ? List.of() : Alarm.of(line.numbers());
    }

    /** A result that an earlier process has shown is not shown again; a step after its checkpoint is made anew. */
    private void showNew(EventFile events, List<Result> evals) throws IOException {
        for (Result result : evals.subList(Math.min(shownEvals, evals.size()), evals.size())) {
            String name = EventFile.EVALUATIONS + result.label();
            if (result.top1().isPresent() && isNew(result, name + "_top1")) {
                events.numbers(
                        result.step(), Map.of(name + "_top1", result.top1().getAsDouble()));
            }
            Path picture = result.picture();
            if (Files.isRegularFile(picture) && isNew(result, name)) {
                BufferedImage image = ImageIO.read(picture.toFile());
                if (image != null) {
                    byte[] png = Files.readAllBytes(picture);
                    events.picture(result.step(), name, png, image.getHeight(), image.getWidth());
                }
            }
        }
        shownEvals = evals.size();
    }

    private boolean isNew(Result result, String tag) {
        return result.step() > first || !shownBefore.contains(result.step() + " " + tag);
    }
}

package org.capi.train.watch;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.capi.train.config.PretrainConfig;
import org.capi.train.evals.EvalResult;
import org.capi.train.metrics.MetricsLine;
import org.capi.train.metrics.StepMetrics;
import org.capi.train.metrics.StepTimes;
import org.capi.train.run.RunFolder;
import org.jspecify.annotations.Nullable;

/** What a run shows of itself while it goes on, beside its metrics: alarms, {@code report.html}, TensorBoard's files. */
public final class Watch implements AutoCloseable {

    private static final Logger log = LogManager.getLogger(Watch.class);
    private static final long PAGE_EVERY_NANOS = 60_000_000_000L;
    private static final long ALARM_EVERY_STEPS = 1000;
    private static final int MOST_ALARMS = 20;

    private final RunFolder run;
    private final PretrainConfig config;
    private final @Nullable EventFile events;
    private final Map<String, ThinnedSeries> curves = new LinkedHashMap<>();
    private final List<List<String>> alarms = new ArrayList<>();
    private final Map<String, Long> alarmed = new LinkedHashMap<>();
    private @Nullable MetricsLine last;
    private long written = System.nanoTime();
    private final ShownEvaluations before;
    private final long first;
    private int shownEvals;

    private Watch(
            RunFolder run, PretrainConfig config, @Nullable EventFile events, ShownEvaluations before, long first) {
        this.run = run;
        this.config = config;
        this.events = events;
        this.before = before;
        this.first = first;
    }

    /** For a run that begins at step 0, or goes on after a step. */
    public static Watch after(long step, RunFolder run, PretrainConfig config) throws IOException {
        ShownEvaluations before = ShownEvaluations.in(run.tensorboard());
        EventFile events = config.metrics().tensorboard() ? EventFile.after(step, run.tensorboard()) : null;
        var watch = new Watch(run, config, events, before, step);
        if (step > 0) {
            try (Stream<String> lines = Files.lines(run.metricsFile())) {
                for (String line : (Iterable<String>) lines::iterator) {
                    watch.keep(MetricsLine.parse(line));
                }
            }
        }
        return watch;
    }

    /** The line of a step, with the alarms that it raises: a function of the step alone, as the metrics are. */
    public MetricsLine line(StepMetrics metrics, StepTimes times) {
        MetricsLine line = MetricsLine.of(metrics, List.of(), times);
        List<Alarm> raised = raised(line);
        return raised.isEmpty()
                ? line
                : MetricsLine.of(metrics, raised.stream().map(Alarm::measure).toList(), times);
    }

    /**
     * Takes a step in: says its alarms, and writes what is due.
     *
     * @param shares asks for the share of the assignments that each prototype gets; empty where nothing is assigned
     */
    public void see(MetricsLine line, List<EvalResult> evals, Supplier<float[]> shares) throws IOException {
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
            page(evals);
        }
    }

    /** Writes the page as it stands. */
    public void page(List<EvalResult> evals) throws IOException {
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

    private void keep(MetricsLine line) {
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
                if (alarms.size() > MOST_ALARMS) {
                    alarms.remove(0);
                }
            }
        }
    }

    /** None before the window of the measures was filled twice: until then they tell of the beginning. */
    private List<Alarm> raised(MetricsLine line) {
        return line.step() < 2L * config.metrics().collapseWindow() ? List.of() : Alarm.of(line.numbers());
    }

    private void showNew(EventFile events, List<EvalResult> evals) throws IOException {
        for (EvalResult result : evals.subList(Math.min(shownEvals, evals.size()), evals.size())) {
            show(events, result);
        }
        shownEvals = evals.size();
    }

    /** A result that an earlier process has shown is not shown again; a step after its checkpoint is made anew. */
    private void show(EventFile events, EvalResult result) throws IOException {
        String name = EventFile.EVALUATIONS + result.label();
        String top1 = name + "_top1";
        boolean old = result.step() <= first;
        if (result.top1().isPresent() && !(old && before.has(result.step(), top1))) {
            events.numbers(result.step(), Map.of(top1, result.top1().getAsDouble()));
        }
        Path picture = result.picture();
        if (Files.isRegularFile(picture) && !(old && before.has(result.step(), name))) {
            BufferedImage image = ImageIO.read(picture.toFile());
            if (image != null) {
                events.picture(result.step(), name, Files.readAllBytes(picture), image.getHeight(), image.getWidth());
            }
        }
    }
}

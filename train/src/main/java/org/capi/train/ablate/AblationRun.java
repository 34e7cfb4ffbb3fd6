package org.capi.train.ablate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import org.capi.data.files.DurableFile;
import org.capi.data.files.StrictJson;
import org.capi.train.checkpoint.Checkpoints;
import org.capi.train.checkpoint.Checkpoints.Checkpoint;
import org.capi.train.metrics.MetricsFile;
import org.capi.train.run.RunFolder;
import org.jspecify.annotations.Nullable;

/**
 * The training of a variant with one seed. How far it is, is read from its files and noted nowhere else, so that a call
 * that was killed leaves nothing to repair.
 *
 * @param ablation the folder of the ablation
 * @param variant its name in messages
 * @param slug the name of the variant's files, which variants with one configuration share
 * @param data the training images, {@code DIR[:SPLIT][,DIR...]}
 * @param steps of the whole training
 * @param metrics by which it is evaluated
 */
public record AblationRun(
        Path ablation, String variant, String slug, long seed, String data, int steps, List<AblationMetric> metrics) {

    private static final String RESULT = "ablation.json";
    private static final String DEFINITION = "evaluation";

    /**
     * Why a training or its evaluation gave no result.
     *
     * @param status of its command
     * @param reason the last line that the command printed
     */
    record RunFailure(int status, String reason) {

        private static final int DIVERGED = 3;

        /** A training that diverged would do so again; anything else is tried again by the next call. */
        State state() {
            return status == DIVERGED ? State.DIVERGED : State.FAILED;
        }
    }

    public enum State {
        NOT_BEGUN,
        UNFINISHED,
        FINISHED,
        DIVERGED,
        FAILED;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * How far a run is, and what was measured.
     *
     * @param folder of the run, below {@code runs}
     * @param reason why it failed, or null
     * @param measures fractions by the names of the metrics
     * @param firstLoss of the student at its first step, or null where that is NaN
     * @param lastLoss the same at the last step so far
     * @param minutes that its steps took
     */
    public record Outcome(
            long seed,
            String folder,
            State state,
            @Nullable String reason,
            Map<String, Double> measures,
            @Nullable Double firstLoss,
            @Nullable Double lastLoss,
            double minutes) {

        public Outcome {
            measures = RecipeFile.copy(measures);
        }

        boolean finished() {
            return state == State.FINISHED;
        }

        boolean failed() {
            return state == State.FAILED || state == State.DIVERGED;
        }
    }

    /** Adds the metrics of another table that has the same run. */
    AblationRun with(AblationRun other) {
        List<AblationMetric> both = new ArrayList<>(metrics);
        other.metrics.stream()
                .filter(metric -> both.stream().noneMatch(one -> one.name().equals(metric.name())))
                .forEach(both::add);
        return new AblationRun(ablation, variant, slug, seed, data, steps, both);
    }

    /** {@code inverse block, seed 1}. */
    String label() {
        return variant + ", seed " + seed;
    }

    String folder() {
        return slug + "-seed-" + seed;
    }

    RunFolder files() {
        return new RunFolder(AblationFolder.runs(ablation).resolve(folder()));
    }

    Path log() {
        return ablation.resolve("logs").resolve(folder() + ".txt");
    }

    Path configFile() {
        return AblationFolder.configFile(ablation, slug);
    }

    /** The trained teacher. */
    Path model() {
        return files().exports().resolve("teacher");
    }

    Path evaluation(AblationMetric metric) {
        return files().evals().resolve(RecipeFile.slug(metric.name()));
    }

    private Path failureFile() {
        return ablation.resolve("failures").resolve(folder() + ".json");
    }

    /** The step of the newest complete checkpoint; -1 for none. */
    long newestStep() throws IOException {
        return newestStep(files().path());
    }

    static long newestStep(Path run) throws IOException {
        return new Checkpoints(new RunFolder(run).checkpoints(), 1, 0)
                .newest()
                .map(Checkpoint::step)
                .orElse(-1L);
    }

    /** The step that the metrics of a run in progress have reached; 0 where that cannot be read. */
    long lastStep() {
        return MetricsFile.lastStep(files().metricsFile());
    }

    boolean trained() throws IOException {
        return newestStep() >= steps;
    }

    void fail(RunFailure failure) throws IOException {
        StrictJson.write(failureFile(), failure);
    }

    void forgetFailure() throws IOException {
        Files.deleteIfExists(failureFile());
    }

    /** What an evaluation measured, unless it was defined otherwise then. */
    OptionalDouble measured(AblationMetric metric) throws IOException {
        Path file = evaluation(metric).resolve(RESULT);
        if (!Files.exists(file)) {
            return OptionalDouble.empty();
        }
        JsonNode found = StrictJson.MAPPER.readTree(Files.readString(file));
        return found.path(DEFINITION).asText().equals(metric.definition())
                ? OptionalDouble.of(metric.probe().measure(found.path("result")))
                : OptionalDouble.empty();
    }

    /** Deletes an evaluation that was made with another definition; one that was stopped is continued. */
    void dropOtherwiseDefined(AblationMetric metric) throws IOException {
        if (Files.exists(evaluation(metric).resolve(RESULT))) {
            DurableFile.deleteTree(evaluation(metric));
        }
    }

    /** Keeps the last line that the command of an evaluation printed. */
    void keep(AblationMetric metric, String printed) throws IOException {
        ObjectNode kept = StrictJson.MAPPER.createObjectNode();
        kept.put(DEFINITION, metric.definition());
        kept.set("result", StrictJson.MAPPER.readTree(printed));
        metric.probe().measure(kept.path("result"));
        StrictJson.write(evaluation(metric).resolve(RESULT), kept);
    }

    Outcome outcome() throws IOException {
        return outcome(metrics);
    }

    /** How far it is, and what was measured by some metrics. */
    Outcome outcome(List<AblationMetric> by) throws IOException {
        Map<String, Double> measures = new LinkedHashMap<>();
        for (AblationMetric metric : by) {
            measured(metric).ifPresent(value -> measures.put(metric.name(), value));
        }
        RunFailure failure = Files.exists(failureFile())
                ? StrictJson.MAPPER.readValue(Files.readString(failureFile()), RunFailure.class)
                : null;
        State state;
        if (trained() && measures.size() == by.size()) {
            state = State.FINISHED;
            failure = null;
        } else if (failure != null) {
            state = failure.state();
        } else {
            state = newestStep() < 0 ? State.NOT_BEGUN : State.UNFINISHED;
        }
        var losses = new LastLosses();
        if (Files.exists(files().metricsFile())) {
            MetricsFile.read(files().metricsFile(), losses::add);
        }
        String reason = failure == null ? null : failure.reason;
        return new Outcome(seed, folder(), state, reason, measures, losses.first, losses.last, losses.seconds / 60);
    }

    private static final class LastLosses {
        private @Nullable Double first;
        private @Nullable Double last;
        private double seconds;

        boolean add(MetricsFile.Line line) {
            Map<String, Double> numbers = line.numbers();
            last = numbers.get("student_loss");
            first = first == null ? last : first;
            seconds += numbers.getOrDefault("time/step_seconds", 0.0);
            return true;
        }
    }
}

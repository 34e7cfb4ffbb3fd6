package org.capi.train.ablate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.capi.data.files.DurableFile;
import org.capi.data.files.FolderTree;
import org.capi.train.checkpoint.Checkpoint;
import org.capi.train.checkpoint.Checkpoints;
import org.capi.train.metrics.MetricsLine;
import org.capi.train.run.RunFolder;
import org.jspecify.annotations.Nullable;

/**
 * Where the files of a training lie, and what they say of it.
 *
 * @param ablation the folder of all
 */
record TrialFolder(Path ablation, Trial trial) {

    private static final int TAIL = 1 << 13;
    private static final String RESULT = "ablation.json";
    private static final String DEFINITION = "evaluation";

    /** The run's folder. */
    Path run() {
        return AblationFolder.runs(ablation).resolve(trial.folder());
    }

    /** What its commands said. */
    Path log() {
        return ablation.resolve("logs").resolve(trial.folder() + ".txt");
    }

    Path configFile() {
        return AblationFolder.configFile(ablation, trial.slug());
    }

    /** The trained teacher. */
    Path model() {
        return new RunFolder(run()).exports().resolve("teacher");
    }

    Path evaluation(JudgeEntry entry) {
        return new RunFolder(run()).evals().resolve(AblationRecipe.slug(entry.name()));
    }

    private Path failureFile() {
        return ablation.resolve("failures").resolve(trial.folder() + ".json");
    }

    /** The step of the newest complete checkpoint; -1 for none. */
    long newestStep() throws IOException {
        return newestStep(run());
    }

    static long newestStep(Path run) throws IOException {
        return new Checkpoints(new RunFolder(run).checkpoints(), 1, 0)
                .newest()
                .map(Checkpoint::step)
                .orElse(-1L);
    }

    boolean trained() throws IOException {
        return newestStep() >= trial.steps();
    }

    /** The step that its metrics have come to, of a training under way; 0 where that cannot be read. */
    long lastStep() {
        Path file = new RunFolder(run()).metricsFile();
        if (!Files.exists(file)) {
            return 0;
        }
        try (var bytes = new RandomAccessFile(file.toFile(), "r")) {
            long start = Math.max(0, bytes.length() - TAIL);
            bytes.seek(start);
            byte[] tail = new byte[(int) (bytes.length() - start)];
            bytes.readFully(tail);
            String text = new String(tail, StandardCharsets.UTF_8);
            int end = text.lastIndexOf('\n');
            return end < 0
                    ? 0
                    : MetricsLine.parse(text.substring(text.lastIndexOf('\n', end - 1) + 1, end))
                            .step();
        } catch (IOException e) {
            return 0; // it is being written
        }
    }

    /** Why it failed, when it was last tried. */
    Optional<TrialFailure> failure() throws IOException {
        return Files.exists(failureFile())
                ? Optional.of(AblationFolder.JSON.readValue(Files.readString(failureFile()), TrialFailure.class))
                : Optional.empty();
    }

    void fail(TrialFailure failure) throws IOException {
        Files.createDirectories(failureFile().resolveSibling(""));
        DurableFile.write(failureFile(), AblationFolder.JSON.writeValueAsString(failure) + "\n");
    }

    void forgetFailure() throws IOException {
        Files.deleteIfExists(failureFile());
    }

    /** What an evaluation measured, unless it was defined otherwise then. */
    OptionalDouble measured(JudgeEntry entry) throws IOException {
        Path file = evaluation(entry).resolve(RESULT);
        if (!Files.exists(file)) {
            return OptionalDouble.empty();
        }
        JsonNode found = AblationFolder.JSON.readTree(Files.readString(file));
        return found.path(DEFINITION).asText().equals(entry.definition())
                ? OptionalDouble.of(entry.probe().measure(found.path("result")))
                : OptionalDouble.empty();
    }

    /** Makes room for an evaluation that was made with another definition; one that was stopped goes on where it was. */
    void dropOtherwiseDefined(JudgeEntry entry) throws IOException {
        if (Files.exists(evaluation(entry).resolve(RESULT))) {
            FolderTree.delete(evaluation(entry));
        }
    }

    /** Keeps what the command of an evaluation printed as its last line. */
    void keep(JudgeEntry entry, String printed) throws IOException {
        ObjectNode kept = AblationFolder.JSON.createObjectNode();
        kept.put(DEFINITION, entry.definition());
        kept.set("result", AblationFolder.JSON.readTree(printed));
        entry.probe().measure(kept.path("result"));
        Files.createDirectories(evaluation(entry));
        DurableFile.write(evaluation(entry).resolve(RESULT), AblationFolder.JSON.writeValueAsString(kept) + "\n");
    }

    /** How far it is, and what was measured. */
    Outcome outcome(List<JudgeEntry> evaluations) throws IOException {
        Map<String, Double> measures = new LinkedHashMap<>();
        for (JudgeEntry entry : evaluations) {
            measured(entry).ifPresent(value -> measures.put(entry.name(), value));
        }
        Optional<TrialFailure> failure = failure();
        boolean finished = trained() && measures.size() == evaluations.size();
        Outcome.State state = finished
                ? Outcome.State.FINISHED
                : failure.map(TrialFailure::state)
                        .orElse(newestStep() < 0 ? Outcome.State.NOT_BEGUN : Outcome.State.UNFINISHED);
        String reason = finished ? null : failure.map(TrialFailure::reason).orElse(null);
        return outcome(state, reason, measures);
    }

    private Outcome outcome(Outcome.State state, @Nullable String reason, Map<String, Double> measures)
            throws IOException {
        Double first = null;
        Double last = null;
        double seconds = 0;
        Path file = new RunFolder(run()).metricsFile();
        if (Files.exists(file)) {
            try (BufferedReader lines = Files.newBufferedReader(file)) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    Map<String, Double> numbers = numbers(line);
                    last = numbers.get("student_loss");
                    first = first == null ? last : first;
                    seconds += numbers.getOrDefault("time/step_seconds", 0.0);
                }
            }
        }
        return new Outcome(trial.seed(), trial.folder(), state, reason, measures, first, last, seconds / 60);
    }

    private static Map<String, Double> numbers(String line) {
        try {
            return MetricsLine.parse(line).numbers();
        } catch (IOException e) {
            return Map.of(); // torn by a crash
        }
    }
}

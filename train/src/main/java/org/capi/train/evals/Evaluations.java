package org.capi.train.evals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.capi.data.arrow.ImageDataset;
import org.capi.data.files.DurableFile;
import org.capi.data.files.FileNames;
import org.capi.data.files.FolderTree;
import org.capi.train.config.Evaluation;
import org.capi.train.config.Probe;
import org.capi.train.run.RunFolder;
import org.jspecify.annotations.Nullable;

/**
 * The evaluations of a run, one after the other while it goes on: the weights are exported, judged by a command of this
 * program, and deleted again; the result is a line of {@code evals.jsonl}. One that fails is logged.
 */
public final class Evaluations implements AutoCloseable {

    private static final Logger log = LogManager.getLogger(Evaluations.class);
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Duration TIMEOUT = Duration.ofMinutes(Long.getLong("capi.evals.minutes", 240));

    private static final int GRACE_SECONDS = 10;

    private final RunFolder run;
    private final List<Evaluation> wanted;
    private final ExecutorService worker;
    private final List<Future<?>> started = new ArrayList<>();
    private final Set<DueEvaluation> unfinished = ConcurrentHashMap.newKeySet();
    private final ConcurrentLinkedQueue<EvalResult> results = new ConcurrentLinkedQueue<>();

    private Evaluations(RunFolder run, List<Evaluation> wanted) {
        this.run = run;
        this.wanted = List.copyOf(wanted);
        this.worker = Executors.newSingleThreadExecutor(task -> {
            var thread = new Thread(task, "evaluations");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Refuses evaluations on data that are not there. */
    public static void check(List<Evaluation> wanted) throws IOException {
        for (Evaluation evaluation : wanted) {
            List<String> needed = evaluation.probe() == Probe.PCA
                    ? List.of(evaluation.test())
                    : List.of(evaluation.train(), evaluation.test());
            for (String data : needed) {
                ImageDataset.open(data).close();
            }
        }
    }

    /** For a run that begins, or goes on after a step; the results of later steps are dropped. */
    public static Evaluations after(long step, RunFolder run, List<Evaluation> wanted) throws IOException {
        var evaluations = new Evaluations(run, wanted);
        Path file = run.evalsFile();
        if (Files.exists(file)) {
            List<String> kept = new ArrayList<>();
            for (String line : text(file).lines().toList()) {
                JsonNode tree = parsed(line);
                // The folder's name is read back from a file: it must not lead out of the run.
                if (tree instanceof ObjectNode result
                        && result.path("step").asLong() <= step
                        && DueEvaluation.isName(result.path("folder").asText())) {
                    kept.add(line);
                    evaluations.results.add(new EvalResult(
                            result,
                            FileNames.below(run.evals(), result.path("folder").asText())));
                }
            }
            DurableFile.write(file, kept.stream().map(line -> line + "\n").collect(Collectors.joining()));
        }
        return evaluations;
    }

    /** Starts what is due after a step whose checkpoint exists, unless it was done before. */
    public void due(long step) {
        for (int place = 0; place < wanted.size(); place++) {
            var due = new DueEvaluation(step, place, wanted.get(place));
            boolean done = results.stream()
                    .anyMatch(result ->
                            String.valueOf(result.folder().getFileName()).equals(due.name()));
            if (isDue(due.evaluation(), step) && !done) {
                unfinished.add(due);
                started.add(worker.submit(() -> evaluate(due)));
            }
        }
    }

    /** Whether a step must have a checkpoint, because one of them is due after it. */
    public boolean wants(long step) {
        return wanted.stream().anyMatch(one -> isDue(one, step));
    }

    /** Says which evaluations a step's missing checkpoint costs. */
    public void leaveOut(long step) {
        wanted.stream()
                .filter(one -> isDue(one, step))
                .forEach(one -> log.warn(
                        "the evaluation {} of step {} is left out: there is no checkpoint", one.probe(), step));
    }

    /** Steps whose checkpoints are still needed. */
    public Set<Long> steps() {
        return unfinished.stream().map(DueEvaluation::step).collect(Collectors.toSet());
    }

    /** What was found so far, oldest first. */
    public List<EvalResult> results() {
        return List.copyOf(results);
    }

    /** Waits until all are done. */
    public void await() {
        if (!unfinished.isEmpty()) {
            log.info("waiting for {} evaluations", unfinished.size());
        }
        for (Future<?> one : started) {
            try {
                one.get();
            } catch (ExecutionException e) {
                log.warn("an evaluation failed", e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    /** Ends the one that is under way; a resumed run makes it again if its checkpoint is the newest. */
    @Override
    public void close() {
        worker.shutdownNow();
        try {
            if (!worker.awaitTermination(GRACE_SECONDS, TimeUnit.SECONDS)) {
                log.warn("an evaluation does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        unfinished.forEach(due -> log.warn("the evaluation {} was not finished", due.name()));
    }

    private static boolean isDue(Evaluation evaluation, long step) {
        return step > 0 && step % evaluation.every() == 0;
    }

    private void evaluate(DueEvaluation due) {
        long began = System.nanoTime();
        Path model = run.exports().resolve(due.name());
        try {
            EvalResult result = judged(due, model, began);
            Files.writeString(
                    run.evalsFile(),
                    JSON.writeValueAsString(result.line()) + "\n",
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
            results.add(result);
            log.info("evaluation {}: {}", due.name(), result.line());
            unfinished.remove(due);
        } catch (IOException | RuntimeException e) {
            log.warn("the evaluation {} failed, the run goes on: {}", due.name(), e.getMessage());
            unfinished.remove(due);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            delete(model);
            delete(features(model));
        }
    }

    /** Where the features of a model are while it is judged; nobody asks for them again. */
    private static Path features(Path model) {
        return model.resolveSibling(model.getFileName() + "-features");
    }

    private EvalResult judged(DueEvaluation due, Path model, long began) throws IOException, InterruptedException {
        Evaluation evaluation = due.evaluation();
        Path folder = Files.createDirectories(run.evals().resolve(due.name()));
        Path output = folder.resolve("output.txt");
        Files.deleteIfExists(output);
        delete(model);
        List<String> export = List.of(
                "export",
                "--run=" + run.path(),
                "--step=" + due.step(),
                "--weights=" + evaluation.weights(),
                "--to=" + model);
        new ChildCommand(export, output, TIMEOUT).run();
        List<String> judge = switch (evaluation.probe()) {
            case KNN ->
                List.of(
                        "eval",
                        "knn",
                        "--model=" + model,
                        "--train=" + evaluation.train(),
                        "--test=" + evaluation.test(),
                        "--out=" + folder,
                        "--cache=" + features(model),
                        "--json");
            case PCA ->
                List.of("eval", "pca", "--model=" + model, "--data=" + evaluation.test(), "--out=" + folder, "--json");
        };
        new ChildCommand(judge, output, TIMEOUT).run();
        List<String> said = Files.readAllLines(output);
        ObjectNode line = JSON.createObjectNode();
        line.put("step", due.step());
        line.put("weights", evaluation.weights().toString());
        line.put("probe", evaluation.probe().toString());
        line.put("test", evaluation.test());
        line.put("folder", due.name());
        line.set("result", JSON.readTree(said.get(said.size() - 1)));
        line.putObject("time").put("seconds", (System.nanoTime() - began) / 1e9);
        return new EvalResult(line, folder);
    }

    /** The lines that are not text are no JSON either. */
    private static String text(Path file) throws IOException {
        return StandardCharsets.UTF_8
                .decode(ByteBuffer.wrap(Files.readAllBytes(file)))
                .toString();
    }

    private static @Nullable JsonNode parsed(String line) {
        try {
            return JSON.readTree(line);
        } catch (IOException e) {
            return null; // torn by a crash
        }
    }

    private static void delete(Path model) {
        try {
            FolderTree.delete(model);
        } catch (IOException e) {
            log.warn("{} could not be deleted: {}", model, e.getMessage());
        }
    }
}

package org.capi.train.evals;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.capi.data.arrow.ImageDataset;
import org.capi.data.files.DurableFile;
import org.capi.data.files.FileNames;
import org.capi.train.child.ChildProcess;
import org.capi.train.config.PretrainConfig.Evaluation;
import org.capi.train.config.PretrainConfig.EvaluationKind;
import org.capi.train.run.RunFolder;

/**
 * The evaluations of a run, one after the other while it trains: the weights are exported, evaluated by commands of
 * this program with low priority on the CPU, and deleted again; the result is a line of {@code evals.jsonl}. One that
 * fails is logged.
 *
 * <p>{@code CAPI_EVALS_DEVICES} names the GPUs that they may use, as {@code CUDA_VISIBLE_DEVICES} does.
 */
public final class Evaluations implements AutoCloseable {

    private static final Logger log = LogManager.getLogger(Evaluations.class);
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Duration TIMEOUT = Duration.ofMinutes(Long.getLong("capi.evals.minutes", 240));

    private static final int GRACE_SECONDS = 10;
    private static final List<String> LOW_PRIORITY = List.of("/usr/bin/nice", "-n", "19");
    private static final String NO_GPU = "-1";
    private static final Pattern NAME = Pattern.compile("step-\\d{7,18}-[a-z]+-[a-z]+(-\\d{1,9})?");

    private final RunFolder run;
    private final List<Evaluation> wanted;
    private final ExecutorService worker;
    private final List<Future<?>> started = new ArrayList<>();
    private final Set<Due> unfinished = ConcurrentHashMap.newKeySet();
    private final ConcurrentLinkedQueue<Result> results = new ConcurrentLinkedQueue<>();

    /** An evaluation of the weights after a step; {@code place} is that in the list of evaluations. */
    private record Due(long step, int place, Evaluation evaluation) {

        /**
         * The name of its folder: {@code step-0001000-teacher-knn}, with its place in the list if it is not the first.
         */
        String name() {
            return String.format(Locale.ROOT, "step-%07d-%s-%s", step, evaluation.weights(), evaluation.probe())
                    + (place == 0 ? "" : "-" + (place + 1));
        }
    }

    /**
     * The result of an evaluation.
     *
     * @param line for {@code evals.jsonl}
     * @param folder where its files are
     */
    public record Result(ObjectNode line, Path folder) {

        public long step() {
            return line.path("step").asLong();
        }

        /** {@code teacher knn}. */
        public String name() {
            return line.path("weights").asText() + " " + line.path("probe").asText();
        }

        /** The folder's name without the step: {@code teacher-knn-2}. */
        public String label() {
            return line.path("folder").asText().replaceFirst("step-\\d+-", "");
        }

        /** The fraction of test images that are classified correctly, if that was measured. */
        public OptionalDouble top1() {
            return number(line.path("result").path("top1"));
        }

        /** What was kept of each image; empty where nothing was classified. */
        public String representation() {
            return line.path("result").path("representation").asText();
        }

        /** The accuracy of the images' pixels, if that was measured. */
        public OptionalDouble pixels() {
            return number(line.path("result").path("baselines").path("pixels"));
        }

        /** The accuracy of the same architecture with random weights, if that was measured. */
        public OptionalDouble untrained() {
            return number(
                    line.path("result").path("baselines").path("untrained").path(representation()));
        }

        private static OptionalDouble number(JsonNode top1) {
            return top1.isNumber() ? OptionalDouble.of(top1.doubleValue()) : OptionalDouble.empty();
        }

        /** The image of the principal components, if one was drawn. */
        public Path picture() {
            return folder.resolve("pca.png");
        }
    }

    private Evaluations(RunFolder run, List<Evaluation> wanted) {
        this.run = run;
        this.wanted = List.copyOf(wanted);
        this.worker = Executors.newSingleThreadExecutor(task -> {
            var thread = new Thread(task, "evaluations");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Refuses evaluations on missing data. */
    public static void check(List<Evaluation> wanted) throws IOException {
        for (Evaluation evaluation : wanted) {
            List<String> needed = evaluation.probe() == EvaluationKind.PCA
                    ? List.of(evaluation.test())
                    : List.of(evaluation.train(), evaluation.test());
            for (String data : needed) {
                ImageDataset.open(data).close();
            }
        }
    }

    /** For a run that starts (step 0) or continues after a step; the results of later steps are dropped. */
    public static Evaluations after(long step, RunFolder run, List<Evaluation> wanted) throws IOException {
        var evaluations = new Evaluations(run, wanted);
        Path file = run.evalsFile();
        if (Files.exists(file)) {
            List<String> kept = new ArrayList<>();
            for (String line : new String(Files.readAllBytes(file), StandardCharsets.UTF_8)
                    .lines()
                    .toList()) {
                try {
                    // The folder's name is read back from a file: it must not lead out of the run.
                    if (JSON.readTree(line) instanceof ObjectNode result
                            && result.path("step").asLong() <= step
                            && NAME.matcher(result.path("folder").asText()).matches()) {
                        Path folder = FileNames.below(
                                run.evals(), result.path("folder").asText());
                        evaluations.results.add(new Result(result, folder));
                        kept.add(line);
                    }
                } catch (JsonProcessingException e) {
                    // torn by a crash: dropped
                }
            }
            DurableFile.write(file, kept.stream().map(line -> line + "\n").collect(Collectors.joining()));
        }
        return evaluations;
    }

    /** Starts what is due after a step whose checkpoint exists, unless it was done before. */
    public void due(long step) {
        for (int place = 0; place < wanted.size(); place++) {
            var due = new Due(step, place, wanted.get(place));
            boolean done = results.stream().anyMatch(result -> result.folder().endsWith(due.name()));
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

    /** Logs which evaluations a step's missing checkpoint costs. */
    public void skip(long step) {
        wanted.stream()
                .filter(one -> isDue(one, step))
                .forEach(one ->
                        log.warn("the evaluation {} of step {} is skipped: there is no checkpoint", one.probe(), step));
    }

    public Set<Long> steps() {
        return unfinished.stream().map(Due::step).collect(Collectors.toSet());
    }

    /** The results so far, oldest first. */
    public List<Result> results() {
        return List.copyOf(results);
    }

    public void await() {
        if (!unfinished.isEmpty()) {
            log.info("waiting for {} evaluations to finish", unfinished.size());
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

    /** Ends the one in progress; a resumed run makes it again if its checkpoint is the newest. */
    @Override
    public void close() {
        worker.shutdownNow();
        try {
            if (!worker.awaitTermination(GRACE_SECONDS, TimeUnit.SECONDS)) {
                log.warn("an evaluation does not stop");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        unfinished.forEach(due -> log.warn("the evaluation {} was not finished", due.name()));
    }

    private static boolean isDue(Evaluation evaluation, long step) {
        return step > 0 && step % evaluation.every() == 0;
    }

    private void evaluate(Due due) {
        long began = System.nanoTime();
        Path model = run.exports().resolve(due.name());
        try {
            Result result = result(due, model, began);
            Files.writeString(
                    run.evalsFile(),
                    JSON.writeValueAsString(result.line()) + "\n",
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
            results.add(result);
            unfinished.remove(due);
            log.info(
                    "evaluation after step {}: {}",
                    due.step(),
                    result.top1().isPresent()
                            ? String.format(
                                    Locale.ROOT,
                                    "k-NN accuracy of the %s %.1f %%",
                                    due.evaluation().weights(),
                                    100 * result.top1().getAsDouble())
                            : "pictures in " + result.folder());
        } catch (IOException | RuntimeException e) {
            unfinished.remove(due);
            log.warn("the evaluation {} failed; the run continues: {}", due.name(), e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            delete(model);
            deleteFeatures();
        }
    }

    /** Where the accuracies of pixels and of the untrained model are kept for the next evaluation. */
    private Path baselines() {
        return run.evals().resolve("baselines");
    }

    /** Those of a model that is deleted. */
    private void deleteFeatures() {
        if (!Files.isDirectory(baselines())) {
            return;
        }
        try (Stream<Path> files = Files.list(baselines())) {
            files.filter(file -> !file.toString().endsWith(".json")).forEach(Evaluations::delete);
        } catch (IOException e) {
            log.warn("{} could not be listed: {}", baselines(), e.getMessage());
        }
    }

    /**
     * The setting for the representation of an evaluation's earlier results, so that its curve stays one; none before
     * the first.
     *
     * @param folder the name of the evaluation's folder
     */
    static List<String> representation(String folder, Collection<Result> earlier) {
        return earlier.stream()
                .filter(result -> folder.endsWith("-" + result.label()))
                .map(Result::representation)
                .filter(representation -> !representation.isEmpty())
                .findFirst()
                .map(representation -> List.of("representation=" + representation))
                .orElse(List.of());
    }

    private Result result(Due due, Path model, long began) throws IOException, InterruptedException {
        Evaluation evaluation = due.evaluation();
        Path folder = Files.createDirectories(run.evals().resolve(due.name()));
        Path output = folder.resolve("output.txt");
        Files.deleteIfExists(output);
        delete(model);
        run(
                List.of(
                        "export",
                        "--run=" + run.path(),
                        "--step=" + due.step(),
                        "--weights=" + evaluation.weights(),
                        "--to=" + model),
                output);
        List<String> data = switch (evaluation.probe()) {
            case KNN ->
                List.of("--train=" + evaluation.train(), "--test=" + evaluation.test(), "--cache=" + baselines());
            case PCA -> List.of("--data=" + evaluation.test());
        };
        List<String> eval = new ArrayList<>(List.of("eval", evaluation.probe().toString()));
        eval.addAll(List.of("--model=" + model, "--out=" + folder, "--json"));
        eval.addAll(data);
        if (evaluation.probe() == EvaluationKind.KNN) {
            eval.addAll(representation(due.name(), results));
        }
        run(eval, output);
        ObjectNode line = JSON.createObjectNode();
        line.put("step", due.step())
                .put("weights", evaluation.weights().toString())
                .put("probe", evaluation.probe().toString())
                .put("test", evaluation.test())
                .put("folder", due.name());
        line.set("result", JSON.readTree(ChildProcess.lastLine(output)));
        line.putObject("time").put("seconds", (System.nanoTime() - began) / 1e9);
        return new Result(line, folder);
    }

    private static void run(List<String> arguments, Path output) throws IOException, InterruptedException {
        ProcessBuilder child = ChildProcess.prepare(LOW_PRIORITY, List.of(), arguments, output);
        String devices = System.getenv("CAPI_EVALS_DEVICES");
        child.environment().put("CUDA_VISIBLE_DEVICES", devices == null ? NO_GPU : devices);
        Process process = child.start();
        try {
            if (!process.waitFor(TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
                throw new IOException("it took longer than " + TIMEOUT.toMinutes() + " minutes and was stopped");
            }
        } finally {
            process.destroyForcibly();
            process.onExit().orTimeout(GRACE_SECONDS, TimeUnit.SECONDS);
        }
        if (process.exitValue() != 0) {
            String last = ChildProcess.lastLine(output);
            throw new IOException("it ended with status " + process.exitValue() + ": "
                    + (last.isEmpty() ? "it printed nothing" : last) + "; see " + output);
        }
    }

    private static void delete(Path model) {
        try {
            DurableFile.deleteTree(model);
        } catch (IOException e) {
            log.warn("{} could not be deleted: {}", model, e.getMessage());
        }
    }
}

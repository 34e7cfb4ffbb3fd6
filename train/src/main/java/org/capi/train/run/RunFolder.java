package org.capi.train.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.capi.data.files.DurableFile;
import org.capi.data.files.FolderLock;
import org.capi.savedmodels.NewPath;
import org.capi.train.config.ConfigFile;
import org.capi.train.config.PretrainConfig;

/** The folder of a run, and its files. */
public record RunFolder(Path path) {

    private static final String LOCK = "run.lock";

    private static final Logger log = LogManager.getLogger(RunFolder.class);

    private static final ObjectMapper JSON = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /** Makes the folder of a new run; refuses one that holds a run already, unless that made no checkpoint. */
    public static RunFolder create(Path path, PretrainConfig config, RunRecord record) throws IOException {
        checkNew(path);
        RunFolder run = new RunFolder(path);
        Files.createDirectories(path);
        Files.deleteIfExists(run.metricsFile());
        DurableFile.write(run.recordFile(), JSON.writeValueAsString(record) + "\n");
        DurableFile.write(run.configFile(), config.toYaml());
        return run;
    }

    /**
     * Holds the folder, which must exist, for a command that trains; one that is held is refused with the number of the
     * process. Commands that only read need no lock.
     */
    public FolderLock lock() throws IOException {
        return FolderLock.take(path, LOCK, "the run folder " + path);
    }

    /** Refuses a folder that another command holds; changes nothing. */
    public void checkFree() throws IOException {
        FolderLock.checkFree(path, LOCK, "the run folder " + path);
    }

    /**
     * Refuses a path where no new run can start. One may start where an earlier one ended before its first checkpoint, so
     * that a job which is started again after a failure finds nothing in its way.
     */
    public static void checkNew(Path path) throws IOException {
        if (Files.exists(path) && !Files.isDirectory(path)) {
            throw new IllegalArgumentException("the run folder " + path + " is a file; name a folder");
        }
        NewPath.refuseBelowFile(path);
        RunFolder run = new RunFolder(path);
        if (run.endedBeforeItsFirstCheckpoint()) {
            return;
        }
        for (Path sign : List.of(run.recordFile(), run.configFile(), run.metricsFile(), run.checkpoints())) {
            if (Files.exists(sign)) {
                throw new IllegalArgumentException("the run folder " + path + " already holds a run ("
                        + sign.getFileName() + "); name another folder, or continue with: ./capi resume --run " + path);
            }
        }
    }

    /** Whether it is a run that ended before its first checkpoint, which is written before the first step. */
    public boolean endedBeforeItsFirstCheckpoint() throws IOException {
        return Files.exists(recordFile())
                && Files.exists(configFile())
                && (!Files.exists(metricsFile()) || Files.size(metricsFile()) == 0)
                && entries(checkpoints()).stream()
                        .allMatch(entry -> entry.toString().endsWith(DurableFile.PARTIAL));
    }

    /** The folder of a run that was started. */
    public static RunFolder open(Path path) {
        RunFolder run = new RunFolder(path);
        for (Path file : List.of(run.configFile(), run.recordFile())) {
            if (!Files.isRegularFile(file)) {
                throw new IllegalArgumentException(path + " is not a run folder: it must hold " + file.getFileName());
            }
        }
        return run;
    }

    /**
     * The configuration as it was resolved when the run started; keys that an older version did not have are added and
     * logged.
     */
    public ConfigFile config() throws IOException {
        ConfigFile config = ConfigFile.ofRun(configFile());
        if (!config.added().isEmpty()) {
            log.info(
                    "{} was written by an older version and lacks some keys; these values are used for them: {}",
                    configFile(),
                    String.join(", ", config.added()));
        }
        return config;
    }

    /** The record of the start of the run; a damaged file is refused. */
    public RunRecord record() throws IOException {
        try {
            RunRecord record = JSON.readValue(Files.readString(recordFile()), RunRecord.class);
            if (record == null) {
                throw new IllegalArgumentException("damaged " + recordFile() + ": it is empty");
            }
            return record;
        } catch (MalformedInputException e) {
            throw new IllegalArgumentException("damaged " + recordFile() + ": it is not UTF-8 text", e);
        } catch (JsonProcessingException e) {
            int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
            throw new IllegalArgumentException(
                    "damaged " + recordFile() + ": line " + line + " is not what a run notes there", e);
        }
    }

    /** What is in a folder, such as a run's; nothing where it is missing. */
    public static List<Path> entries(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.toList();
        }
    }

    public Path configFile() {
        return path.resolve("config.yaml");
    }

    public Path recordFile() {
        return path.resolve("run.json");
    }

    public Path metricsFile() {
        return path.resolve("metrics.jsonl");
    }

    public Path logFile() {
        return path.resolve("log.txt");
    }

    /** The logs of all workers but worker 0, which writes {@link #logFile}. */
    public Path workers() {
        return path.resolve("workers");
    }

    public Path workerLog(int rank) {
        return workers().resolve("worker-" + rank + ".log");
    }

    /** What a worker that was started here printed: errors of the JVM and of TensorFlow may be there only. */
    public Path workerOutput(int rank) {
        return workers().resolve("worker-" + rank + ".out");
    }

    public Path reportFile() {
        return path.resolve("report.html");
    }

    public Path checkpoints() {
        return path.resolve("checkpoints");
    }

    public Path faults() {
        return path.resolve("faults");
    }

    public Path exports() {
        return path.resolve("exports");
    }

    public Path evals() {
        return path.resolve("evals");
    }

    /** A line for each evaluation while training. */
    public Path evalsFile() {
        return path.resolve("evals.jsonl");
    }

    public Path tensorboard() {
        return path.resolve("tensorboard");
    }

    /**
     * The log file of a run: gets all that is logged from the moment it is attached, stack traces included. It stays
     * attached to the end of the process, or until another takes its place, so that the failure which ends a run is in
     * its log.
     *
     * <p>{@code log4j2.xml} routes every event to the file that a system property names: so no class of log4j-core is
     * needed.
     */
    public static final class RunLog {

        private static final String PROPERTY = "capi.run.log";

        private RunLog() {}

        /** Sends everything that is logged from now on to this file too, at its end if it exists. */
        public static void to(Path file) {
            System.setProperty(PROPERTY, file.toAbsolutePath().toString());
        }

        public static Optional<Path> current() {
            return Optional.ofNullable(System.getProperty(PROPERTY)).map(Path::of);
        }

        public static void detach() {
            System.clearProperty(PROPERTY);
        }
    }
}

package org.capi.train.checkpoint;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.capi.data.batch.StreamState;
import org.capi.data.files.DurableFile;
import org.capi.data.files.FileNames;
import org.capi.train.config.ConfigFile;
import org.capi.train.run.RunFolder;

/**
 * The checkpoints of a run, each in a folder {@code step-0001000} of TensorFlow's own files.
 *
 * @param folder where they lie
 * @param maxToKeep how many of the newest stay
 * @param keepEvery checkpoints of its multiples stay for good; 0 for none; step 0 always stays
 */
public record Checkpoints(Path folder, int maxToKeep, int keepEvery) {

    private static final Logger log = LogManager.getLogger(Checkpoints.class);

    private static final Pattern NAME = Pattern.compile("step-(\\d{7,18})");
    private static final Pattern UNFINISHED = Pattern.compile(NAME + "(\\.[0-9a-f]{16})?\\.partial");
    private static final String PREFIX = "model";
    private static final String STREAM = "stream.json";
    private static final String MARKER = "complete";
    private static final int FORMAT = 1;
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build();

    /**
     * One complete checkpoint of a run.
     *
     * @param folder its folder, {@code step-0001000}
     * @param step how many updates its weights have seen, which is the number of the step that comes next
     */
    public record Checkpoint(Path folder, long step) {

        /** A copy of the configuration that it was computed with. */
        public static final String CONFIG = "config.yaml";

        /** What TensorFlow calls the path of a checkpoint: its files' path without their extensions. */
        public Path prefix() {
            return folder.resolve(PREFIX);
        }

        /** What is wrong with its files; a checkpoint of a newer format is refused. */
        public Optional<String> damage() throws IOException {
            JsonNode read;
            try {
                read = JSON.readTree(Files.readString(folder.resolve(MARKER)));
            } catch (IOException e) {
                return Optional.of("its file " + MARKER + " is not readable");
            }
            if (read.isIntegralNumber()) {
                return Optional.empty(); // written before there were sums
            }
            if (!read.isObject()) {
                return Optional.of(
                        "its file " + MARKER + (read.isMissingNode() ? " is empty" : " is not as it was written"));
            }
            int format = read.path("format").asInt();
            if (format > FORMAT) {
                throw new IllegalArgumentException(
                        "the checkpoint " + folder + " was written by a newer version: its format is " + format
                                + ", this program reads up to " + FORMAT);
            }
            Marker marker;
            try {
                marker = JSON.treeToValue(read, Marker.class);
                if (marker.files == null || marker.files.isEmpty() || marker.files.containsValue(null)) {
                    return Optional.of("its file " + MARKER + " lacks the sums of the other files");
                }
                marker.files.keySet().forEach(FileNames::plain);
            } catch (IOException | IllegalArgumentException e) {
                return Optional.of("its file " + MARKER + " is not as it was written");
            }
            for (var expected : marker.files().entrySet()) {
                Path file = folder.resolve(expected.getKey());
                if (!Files.isRegularFile(file)) {
                    return Optional.of("it lacks " + expected.getKey());
                }
                if (Files.size(file) != expected.getValue().bytes()) {
                    return Optional.of(expected.getKey() + " has " + Files.size(file) + " bytes, not "
                            + expected.getValue().bytes());
                }
                if (!Marker.Sum.of(file).equals(expected.getValue())) {
                    return Optional.of(expected.getKey() + " has other bytes than were written");
                }
            }
            return Optional.empty();
        }

        /** Where the stream of samples stood when the checkpoint was written. */
        public StreamState stream() throws IOException {
            Path file = folder.resolve(STREAM);
            if (!Files.isRegularFile(file)) {
                throw new IllegalArgumentException("the checkpoint " + folder
                        + " does not have the position of its samples: it holds no " + STREAM);
            }
            try {
                return JSON.readValue(Files.readString(file), StreamState.class);
            } catch (IOException e) {
                throw new IllegalArgumentException("damaged " + file + ": " + e.getMessage(), e);
            }
        }

        /** Refuses to continue with another seed or other images than the checkpoint's. */
        public void check(long seed, long images) throws IOException {
            try {
                stream().check(seed, images);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        "the checkpoint " + folder + " cannot be continued: " + e.getMessage(), e);
            }
        }

        /** Refuses to continue with a configuration that would compute something else. */
        public void checkConfig(ConfigFile now) throws IOException {
            Path file = folder.resolve(CONFIG);
            if (!Files.isRegularFile(file)) {
                return; // written before checkpoints kept theirs
            }
            List<String> differences = ConfigFile.ofRun(file).differences(now);
            if (!differences.isEmpty()) {
                throw new IllegalArgumentException(
                        "the checkpoint " + folder + " is of another configuration: " + String.join("; ", differences));
            }
        }
    }

    /**
     * The last file of a checkpoint to be written, {@code complete}: its format, and the sums of all other files.
     *
     * @param format grows when older programs can no longer read what is written
     */
    private record Marker(int format, long step, Map<String, Sum> files) {

        /** A file's size, and its CRC-32C in hexadecimal digits. */
        record Sum(long bytes, String crc32c) {

            static Sum of(Path file) throws IOException {
                return new Sum(Files.size(file), Long.toHexString(DurableFile.crc32c(file)));
            }
        }

        /** Marks a folder as complete. */
        static void write(long step, Path folder) throws IOException {
            Map<String, Sum> files = new TreeMap<>();
            for (Path file : RunFolder.entries(folder)) {
                files.put(String.valueOf(file.getFileName()), Sum.of(file));
            }
            Files.writeString(folder.resolve(MARKER), JSON.writeValueAsString(new Marker(FORMAT, step, files)) + "\n");
        }
    }

    /** Every complete checkpoint, oldest first. */
    public List<Checkpoint> list() throws IOException {
        return RunFolder.entries(folder).stream()
                .filter(Checkpoints::isComplete)
                .map(entry -> new Checkpoint(entry, step(entry)))
                .sorted(Comparator.comparingLong(Checkpoint::step))
                .toList();
    }

    public Optional<Checkpoint> newest() throws IOException {
        return list().stream().reduce((before, one) -> one);
    }

    /**
     * The newest complete checkpoint whose files are as they were written; newer ones are skipped with a warning.
     *
     * @param setAside whether these are renamed, which only the process that holds the run may do
     */
    public Optional<Checkpoint> newestWhole(boolean setAside) throws IOException {
        List<Checkpoint> all = list();
        for (int i = all.size() - 1; i >= 0; i--) {
            Path entry = all.get(i).folder();
            Optional<String> damage = all.get(i).damage();
            if (damage.isEmpty()) {
                return Optional.of(all.get(i));
            }
            if (!setAside) {
                log.warn("the checkpoint {} is damaged: {}; using an older one", entry, damage.get());
                continue;
            }
            Path aside = folder.resolve(entry.getFileName() + ".damaged");
            DurableFile.deleteTree(aside);
            DurableFile.move(entry, aside);
            log.warn(
                    "the checkpoint {} is damaged: {}; renamed it to {} and using an older one",
                    entry,
                    damage.get(),
                    aside.getFileName());
        }
        return Optional.empty();
    }

    /**
     * The checkpoint of a step; one that was not finished, or does not exist, is refused with the steps that there are.
     */
    public Checkpoint at(long step) throws IOException {
        Path entry = folder.resolve(name(step));
        String fault = Files.isDirectory(entry) && !isComplete(entry)
                ? "the checkpoint " + entry + " was not finished: it lacks the file " + MARKER
                : "no checkpoint of step " + step + " under " + folder;
        List<Checkpoint> all = list();
        return all.stream()
                .filter(c -> c.step() == step)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(fault + "; there are: "
                        + all.stream().map(Checkpoint::step).toList()));
    }

    /**
     * Adds a checkpoint: writes it under another name, flushes it, renames it, and then deletes those no longer wanted.
     *
     * @param stream the position of the samples
     * @param write writes TensorFlow's files under the path prefix that it is given
     * @param inUse steps whose checkpoints are being read, and not deleted
     */
    public Checkpoint save(long step, StreamState stream, Consumer<Path> write, Set<Long> inUse) throws IOException {
        Path target = folder.resolve(name(step));
        Path partial = DurableFile.sibling(target);
        Files.createDirectories(folder);
        for (Path entry : RunFolder.entries(folder)) {
            if (UNFINISHED.matcher(String.valueOf(entry.getFileName())).matches()) {
                DurableFile.deleteTree(entry); // a killed process left it
            }
        }
        try {
            Files.createDirectory(partial);
            write.accept(partial.resolve(PREFIX));
            Files.writeString(partial.resolve(STREAM), JSON.writeValueAsString(stream) + "\n");
            Marker.write(step, partial);
            flush(partial);
        } catch (IOException | RuntimeException e) {
            try {
                DurableFile.deleteTree(partial);
            } catch (IOException left) {
                e.addSuppressed(left);
            }
            throw e;
        }
        DurableFile.deleteTree(target);
        DurableFile.move(partial, target);
        retire(inUse);
        return new Checkpoint(target, step);
    }

    private void retire(Set<Long> inUse) throws IOException {
        List<Checkpoint> all = list();
        for (Checkpoint checkpoint : all.subList(0, Math.max(0, all.size() - maxToKeep))) {
            long step = checkpoint.step();
            if (step != 0 && (keepEvery == 0 || step % keepEvery != 0) && !inUse.contains(step)) {
                DurableFile.deleteTree(checkpoint.folder());
            }
        }
    }

    /** {@code step-0001000}. */
    private static String name(long step) {
        return String.format(Locale.ROOT, "step-%07d", step);
    }

    private static long step(Path entry) {
        var matcher = NAME.matcher(entry.getFileName().toString());
        return matcher.matches() ? Long.parseLong(matcher.group(1)) : -1;
    }

    private static boolean isComplete(Path entry) {
        return step(entry) >= 0 && Files.isRegularFile(entry.resolve(MARKER));
    }

    /** Makes the files and their folder survive a power cut. */
    private static void flush(Path written) throws IOException {
        for (Path file : RunFolder.entries(written)) {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
        }
        DurableFile.syncFolder(written);
    }
}

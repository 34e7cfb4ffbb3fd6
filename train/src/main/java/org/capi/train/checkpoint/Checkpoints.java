package org.capi.train.checkpoint;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.capi.data.batch.StreamState;
import org.capi.data.files.DurableFile;
import org.capi.data.files.FolderTree;

/**
 * The checkpoints of a run, each in a folder {@code step-0001000} of TensorFlow's own files.
 *
 * @param folder where they lie
 * @param maxToKeep how many of the newest stay
 * @param keepEvery checkpoints of its multiples stay for good; 0 for none; step 0 always stays
 */
public record Checkpoints(Path folder, int maxToKeep, int keepEvery) {

    private static final Pattern NAME = Pattern.compile("step-(\\d{7,18})");
    private static final Pattern UNFINISHED = Pattern.compile(NAME + "(\\.[0-9a-f]{16})?\\.partial");
    private static final String DAMAGED = ".damaged";

    private static final Logger log = LogManager.getLogger(Checkpoints.class);

    /** Every complete checkpoint, oldest first, whatever else lies around. */
    public List<Checkpoint> list() throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(Checkpoints::isComplete)
                    .map(entry -> new Checkpoint(entry, step(entry)))
                    .sorted(Comparator.comparingLong(Checkpoint::step))
                    .toList();
        }
    }

    /** The newest complete checkpoint. */
    public Optional<Checkpoint> newest() throws IOException {
        List<Checkpoint> all = list();
        return all.isEmpty() ? Optional.empty() : Optional.of(all.get(all.size() - 1));
    }

    /** The newest complete checkpoint whose files are as they were written; newer ones are left out, with a warning. */
    public Optional<Checkpoint> newestWhole() throws IOException {
        return newestWhole(false);
    }

    /** The same, for whoever holds the run: newer ones are set aside, with a warning. */
    public Optional<Checkpoint> newestWholeSettingAside() throws IOException {
        return newestWhole(true);
    }

    private Optional<Checkpoint> newestWhole(boolean setAside) throws IOException {
        List<Checkpoint> all = list();
        for (int i = all.size() - 1; i >= 0; i--) {
            Path entry = all.get(i).folder();
            Optional<String> damage = Marker.damage(entry);
            if (damage.isEmpty()) {
                return Optional.of(all.get(i));
            }
            if (!setAside) {
                log.warn("the checkpoint {} is damaged: {}; an older one is used", entry, damage.get());
                continue;
            }
            Path aside = folder.resolve(entry.getFileName() + DAMAGED);
            FolderTree.delete(aside);
            DurableFile.move(entry, aside);
            log.warn("the checkpoint {} is damaged: {}; it is kept as {}", entry, damage.get(), aside.getFileName());
        }
        return Optional.empty();
    }

    /** The checkpoint of a step; one that was not finished, or does not exist, is refused with the steps that there are. */
    public Checkpoint at(long step) throws IOException {
        Path entry = folder.resolve(name(step));
        String fault = Files.isDirectory(entry) && !isComplete(entry)
                ? "the checkpoint " + entry + " was not finished: it lacks the file " + Marker.NAME
                : "no checkpoint of step " + step + " under " + folder;
        List<Checkpoint> all = list();
        return all.stream()
                .filter(c -> c.step() == step)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(fault + "; there are: "
                        + all.stream().map(Checkpoint::step).toList()));
    }

    /**
     * Adds a checkpoint: writes it beside, flushes it, renames it, and then deletes those that are no longer wanted.
     *
     * @param stream where the samples go on
     * @param write writes TensorFlow's files under the path prefix that it is given
     */
    public Checkpoint save(long step, StreamState stream, Consumer<Path> write) throws IOException {
        return save(step, stream, write, Set.of());
    }

    /**
     * The same, but deletes none of some steps.
     *
     * @param inUse steps whose checkpoints somebody reads
     */
    public Checkpoint save(long step, StreamState stream, Consumer<Path> write, Set<Long> inUse) throws IOException {
        Path target = folder.resolve(name(step));
        Path beside = DurableFile.beside(target);
        deleteUnfinished();
        try {
            Files.createDirectory(beside);
            write.accept(beside.resolve(Checkpoint.PREFIX));
            Checkpoint.write(stream, beside);
            Marker.write(step, beside);
            flush(beside);
        } catch (IOException | RuntimeException e) {
            deleteQuietly(beside, e);
            throw e;
        }
        FolderTree.delete(target);
        DurableFile.move(beside, target);
        retire(inUse);
        return new Checkpoint(target, step);
    }

    private void retire(Set<Long> inUse) throws IOException {
        List<Checkpoint> all = list();
        for (Checkpoint checkpoint : all.subList(0, Math.max(0, all.size() - maxToKeep))) {
            boolean keptForGood = checkpoint.step() == 0 || (keepEvery > 0 && checkpoint.step() % keepEvery == 0);
            if (!keptForGood && !inUse.contains(checkpoint.step())) {
                FolderTree.delete(checkpoint.folder());
            }
        }
    }

    /** What a killed process left half written. */
    private void deleteUnfinished() throws IOException {
        Files.createDirectories(folder);
        try (Stream<Path> entries = Files.list(folder)) {
            for (Path entry : entries.toList()) {
                if (UNFINISHED.matcher(String.valueOf(entry.getFileName())).matches()) {
                    FolderTree.delete(entry);
                }
            }
        }
    }

    private static void deleteQuietly(Path tree, Exception reason) {
        try {
            FolderTree.delete(tree);
        } catch (IOException e) {
            reason.addSuppressed(e);
        }
    }

    /** {@code step-0001000}. */
    private static String name(long step) {
        String digits = Long.toString(step);
        return "step-" + "0".repeat(Math.max(0, 7 - digits.length())) + digits;
    }

    private static long step(Path entry) {
        var matcher = NAME.matcher(entry.getFileName().toString());
        return matcher.matches() ? Long.parseLong(matcher.group(1)) : -1;
    }

    private static boolean isComplete(Path entry) {
        return step(entry) >= 0 && Files.isRegularFile(entry.resolve(Marker.NAME));
    }

    /** Makes the files and their folder survive a power cut. */
    private static void flush(Path written) throws IOException {
        try (Stream<Path> files = Files.list(written)) {
            for (Path file : files.toList()) {
                try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                    channel.force(true);
                }
            }
        }
        DurableFile.syncFolder(written);
    }
}

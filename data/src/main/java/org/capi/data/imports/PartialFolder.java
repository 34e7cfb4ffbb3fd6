package org.capi.data.imports;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.capi.data.arrow.DatasetInfo;
import org.capi.data.arrow.DatasetPath;
import org.capi.data.files.DurableFile;
import org.capi.data.files.FolderLock;
import org.capi.data.files.StrictJson;
import org.jspecify.annotations.Nullable;

/**
 * {@code DIR/import.partial}, where one import at a time works; left without a complete shard, it is removed, and DIR
 * too if it was made for it.
 */
final class PartialFolder implements AutoCloseable {

    private static final String JOURNAL = "journal.json";
    private static final String LOCK = "lock";

    private final Path dataset;
    private final Path folder;
    private final boolean newDataset;
    private final FileChannel lock;
    private boolean kept;

    private PartialFolder(Path dataset, Path folder, boolean newDataset, FileChannel lock) {
        this.dataset = dataset;
        this.folder = folder;
        this.newDataset = newDataset;
        this.lock = lock;
    }

    static PartialFolder enter(Path dataset) throws IOException {
        boolean newDataset = !Files.exists(dataset);
        Path folder = dataset.resolve(DatasetPath.PARTIAL);
        requireNoLink(folder);
        Files.createDirectories(folder);
        FileChannel lock = FileChannel.open(
                folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
        try {
            if (FolderLock.lock(lock, "the folder " + folder)) {
                return new PartialFolder(dataset, folder, newDataset, lock);
            }
        } catch (OverlappingFileLockException e) {
            // Refused below: another thread of this program is at work.
        }
        lock.close();
        throw new IllegalStateException("another import is at work in " + dataset);
    }

    Path folder() {
        return folder;
    }

    Path split(String split) {
        return folder.resolve(split);
    }

    /** The journal of an import that stopped, or null. */
    @Nullable
    Journal journal() {
        Path file = folder.resolve(JOURNAL);
        if (!Files.exists(file)) {
            return null;
        }
        try {
            Journal journal = StrictJson.MAPPER.readValue(Files.readString(file), Journal.class);
            if (journal == null) {
                throw new IllegalArgumentException("it is empty");
            }
            journal.check();
            return journal;
        } catch (JsonProcessingException e) {
            throw damaged(file, StrictJson.fault(e), e);
        } catch (IllegalArgumentException e) {
            throw damaged(file, String.valueOf(e.getMessage()), e);
        } catch (IOException e) {
            kept = true;
            throw new IllegalStateException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    private IllegalStateException damaged(Path file, String why, Exception cause) {
        kept = true;
        return new IllegalStateException(
                "damaged " + file + ": " + why + "; delete " + folder + " to start again", cause);
    }

    /** Keeps what a journal names when this closes. */
    void keep() {
        kept = true;
    }

    void write(Journal journal) throws IOException {
        DurableFile.write(folder.resolve(JOURNAL), StrictJson.MAPPER.writeValueAsBytes(journal));
        kept = true;
    }

    /** Removes all that a journal does not name; without one, everything. */
    void restore(@Nullable Journal journal) throws IOException {
        List<Journal.Part> parts = journal == null ? List.of() : journal.parts();
        Set<String> known = new HashSet<>(Set.of(LOCK));
        if (journal != null) {
            known.add(JOURNAL);
            parts.forEach(part -> known.add(part.split()));
        }
        deleteOthers(folder, known);
        for (Journal.Part part : parts) {
            restore(part);
        }
    }

    /** Moves the splits of a complete journal to their places, where they are not there yet, and leaves. */
    void moveToPlaces(Journal journal) throws IOException {
        kept = true;
        for (Journal.Part part : journal.parts()) {
            Path written = split(part.split());
            requireNoLink(written);
            if (Files.exists(written)) {
                Path place = dataset.resolve(part.split());
                if (Files.exists(place, LinkOption.NOFOLLOW_LINKS)) {
                    throw new IOException("the split " + part.split() + " exists already in " + dataset);
                }
                DurableFile.move(written, place);
            }
        }
        Files.delete(folder.resolve(JOURNAL));
        kept = false;
    }

    @Override
    public void close() throws IOException {
        try (lock) {
            if (!kept) {
                DurableFile.deleteTree(folder);
            }
        }
        if (!kept && newDataset) {
            try {
                Files.deleteIfExists(dataset);
            } catch (DirectoryNotEmptyException e) {
                // It holds the splits.
            }
        }
    }

    private void restore(Journal.Part part) throws IOException {
        Path split = split(part.split());
        requireNoLink(split);
        Files.createDirectories(split);
        Set<String> known = new HashSet<>();
        for (var shard : part.contents().shards()) {
            Path file = split.resolve(shard.file());
            require(Files.exists(file) && Files.size(file) == shard.bytes(), "shard", file);
            known.add(shard.file());
        }
        if (part.skippedBytes() > 0) {
            known.add(DatasetInfo.SKIPPED_FILE);
            Path file = split.resolve(DatasetInfo.SKIPPED_FILE);
            require(Files.exists(file) && Files.size(file) >= part.skippedBytes(), "list", file);
            try (FileChannel list = FileChannel.open(file, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
                list.truncate(part.skippedBytes());
            }
        }
        deleteOthers(split, known);
    }

    private void require(boolean sound, String kind, Path file) {
        if (!sound) {
            throw new IllegalStateException("the " + kind + " " + file + " of an unfinished import is "
                    + (Files.exists(file) ? "damaged" : "missing") + "; delete " + folder + " to start again");
        }
    }

    /** A link would lead the work, and what is deleted, to another place. */
    private static void requireNoLink(Path folder) {
        if (Files.isSymbolicLink(folder)) {
            throw new IllegalArgumentException(folder + " is a symbolic link, an import does not work there");
        }
    }

    private static void deleteOthers(Path folder, Set<String> known) throws IOException {
        try (Stream<Path> children = Files.list(folder)) {
            for (Path child : children.toList()) {
                if (!known.contains(String.valueOf(child.getFileName()))) {
                    DurableFile.deleteTree(child);
                }
            }
        }
    }
}

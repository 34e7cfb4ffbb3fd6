package org.capi.data.source;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.capi.data.Progress;
import org.capi.data.arrow.DatasetInfo.Skipped;
import org.capi.data.arrow.ImageDatasetWriter;
import org.capi.data.arrow.ImageRecord;
import org.jspecify.annotations.Nullable;

/** Writes the splits of one import, side by side with their places, and moves all of them there at the end. */
final class ImportRun implements AutoCloseable {

    private final Path to;
    private final boolean newFolder;
    private final long total;
    private final Progress progress;
    private final Skips skips;
    private final InOrder<Checked> checks;
    private final List<Split> splits = new ArrayList<>();
    private long done;

    /** A split being written, and what it left out once it has ended. */
    private record Split(String name, ImageDatasetWriter writer, Skipped skipped) {}

    /** An image that was looked at: it is sound, or there is a problem. */
    private record Checked(String name, @Nullable ImageRecord image, String problem) {}

    ImportRun(Path to, ImportOptions options, long total, Progress progress) {
        this.to = to;
        this.newFolder = !Files.exists(to);
        this.total = total;
        this.progress = progress;
        this.skips = new Skips(options, total);
        this.checks = new InOrder<>(options.threads(), this::take);
    }

    void begin(String split) throws IOException {
        splits.add(new Split(split, ImageDatasetWriter.create(to.resolve(split)), Skipped.NONE));
    }

    /** Reads an image on another thread; where that fails, the image is left out. */
    void offer(String name, Callable<ImageRecord> reading) throws IOException {
        checks.submit(() -> {
            try {
                return new Checked(name, reading.call(), "");
            } catch (IOException e) {
                return new Checked(name, null, String.valueOf(e.getMessage()));
            }
        });
    }

    /** Leaves an image out unread. */
    void skip(String name, String problem) throws IOException {
        skips.add(name, problem);
        progress.at(++done, total);
    }

    /** Waits for the images of the split that was begun last. */
    void end() throws IOException {
        checks.drain();
        Split split = current();
        Skipped skipped = skips.endSplit();
        if (split.writer.images() == 0) {
            throw new IOException("the split " + split.name + " has no readable image; left out: " + skipped.reasons());
        }
        splits.set(splits.size() - 1, new Split(split.name, split.writer, skipped));
    }

    List<ImportedSplit> finish(String source, List<String> classes) throws IOException {
        List<ImportedSplit> imported = new ArrayList<>();
        for (Split split : splits) {
            var info = split.writer.finish(source, classes, split.skipped);
            imported.add(new ImportedSplit(split.name, to.resolve(split.name), info));
        }
        return List.copyOf(imported);
    }

    @Override
    public void close() throws IOException {
        checks.close();
        for (Split split : splits) {
            split.writer.close();
        }
        if (newFolder) {
            try {
                Files.deleteIfExists(to);
            } catch (DirectoryNotEmptyException e) {
                // It holds the splits.
            }
        }
    }

    private void take(Checked checked) throws IOException {
        if (checked.image == null) {
            skips.add(checked.name, checked.problem);
        } else {
            current().writer.add(checked.image);
        }
        progress.at(++done, total);
    }

    private Split current() {
        return splits.get(splits.size() - 1);
    }
}

package org.capi.data.arrow;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.capi.data.Progress;
import org.capi.data.arrow.DatasetInfo.ListInfo;
import org.capi.data.arrow.DatasetInfo.ShardInfo;
import org.capi.data.files.DurableFile;

/** Verifies every byte of a split; continues after a fault, also where a file cannot be opened. */
public final class Verification {

    private final Path folder;
    private final Progress progress;
    private final List<String> faults = new ArrayList<>();
    private long read;
    private long total;

    private Verification(Path folder, Progress progress) {
        this.folder = folder;
        this.progress = progress;
    }

    /** The faults of a split, empty for a sound one; progress is in bytes. */
    public static List<String> faults(Path folder, Progress progress) throws IOException {
        var verification = new Verification(folder, progress);
        verification.run();
        return List.copyOf(verification.faults);
    }

    private void run() throws IOException {
        Path file = DatasetInfo.file(folder);
        byte[] content = Files.readAllBytes(file);
        boolean sound = DatasetInfo.isSound(content);
        DatasetInfo info;
        try {
            info = DatasetInfo.read(folder);
        } catch (IllegalArgumentException e) {
            faults.add(String.valueOf(e.getMessage()));
            return;
        }
        if (!sound && info.formatVersion() > 1) {
            faults.add(file + ": its checksum differs");
        }
        ListInfo list = info.skippedList();
        total = info.shards().stream().mapToLong(ShardInfo::bytes).sum() + (list == null ? 0 : list.bytes());
        if (list != null) {
            checkBytes(folder.resolve(list.file()), list.bytes(), list.crc32c());
        }
        long firstRow = 0;
        for (ShardInfo shard : info.shards()) {
            check(folder.resolve(shard.file()), shard, firstRow, info.classes().size());
            firstRow += shard.rows();
        }
    }

    private void check(Path file, ShardInfo shard, long firstRow, int classes) throws IOException {
        boolean sound = checkBytes(file, shard.bytes(), shard.crc32c());
        if (!Files.isRegularFile(file) || Files.size(file) != shard.bytes()) {
            return;
        }
        try (Shard opened = Shard.open(file, shard)) {
            if (!sound) {
                nameRows(opened, firstRow, classes);
            }
        } catch (IOException | RuntimeException | OutOfMemoryError | StackOverflowError e) {
            faults.add(file + ": it cannot be read: " + Shard.reason(e));
        }
    }

    private boolean checkBytes(Path file, long bytes, long crc32c) {
        long before = read;
        boolean sound = false;
        try {
            Shard.checkSize(file, bytes);
            sound = DurableFile.crc32c(file, more -> {
                        read += more;
                        progress.at(read, total);
                    })
                    == crc32c;
            if (!sound) {
                faults.add(file + ": its checksum differs");
            }
        } catch (IOException e) {
            faults.add(file + ": " + e.getMessage());
        }
        read = before + bytes;
        return sound;
    }

    private void nameRows(Shard shard, long firstRow, int classes) throws IOException {
        long row = firstRow;
        for (Shard.Rows batch : shard.batches()) {
            for (int r = 0; r < batch.count(); r++) {
                String fault = batch.fault(r, classes);
                if (!fault.isEmpty()) {
                    faults.add("row " + (row + r) + ": " + fault);
                } else if (Shard.checksum(batch.image(r)) != batch.checksum(r)) {
                    faults.add("row " + (row + r) + ", " + batch.name(r) + ": its checksum differs");
                } else if (!batch.isLabelMapSound(r, batch.labelMap(r))) {
                    faults.add("row " + (row + r) + ", " + batch.name(r) + ": the checksum of its label map differs");
                }
            }
            row += batch.count();
        }
    }
}

package org.capi.train.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.capi.data.Progress;
import org.capi.data.arrow.ImageRecord;
import org.capi.eval.features.FeatureCache;
import org.capi.eval.features.FeatureFile;
import org.capi.eval.features.FeatureShape;

/** A bank of features that stays on the disk and is mapped from there. */
final class MappedBank {

    private MappedBank() {}

    /** Opens a file, which is drawn and written if it is missing; one of another size is refused. */
    static FeatureFile open(Path file, int rows, int dim, long seed, Progress progress) throws IOException {
        if (Files.notExists(file)) {
            FeatureCache.write(file, Map.of(), List.of(), sink -> {
                float[] values = new float[Math.multiplyExact(RandomRows.PIECE, dim)];
                for (int from = 0; from < rows; from += RandomRows.PIECE) {
                    int count = Math.min(RandomRows.PIECE, rows - from);
                    RandomRows.fill(values, count * dim, (long) from * dim, seed);
                    for (int row = 0; row < count; row++) {
                        float[] one = Arrays.copyOfRange(values, row * dim, (row + 1) * dim);
                        sink.add("", ImageRecord.UNLABELLED, FeatureShape.vector(dim), one);
                    }
                    progress.at(from + count, rows);
                }
            });
        }
        FeatureFile bank = FeatureFile.open(file);
        if (bank.size() != rows || bank.dim() != dim) {
            String has = bank.size() + " rows of " + bank.dim();
            bank.close();
            throw new IllegalArgumentException(
                    "the bank must have " + rows + " rows of " + dim + ", " + file + " has " + has);
        }
        return bank;
    }
}

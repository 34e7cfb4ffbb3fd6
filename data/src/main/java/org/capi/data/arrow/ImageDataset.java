package org.capi.data.arrow;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IntSummaryStatistics;
import java.util.List;
import java.util.stream.IntStream;

/** One split of a dataset: any row at any time, from any thread. */
public final class ImageDataset implements AutoCloseable {

    private final Path folder;
    private final DatasetInfo info;
    private final List<Shard> shards = new ArrayList<>();
    private final List<ShardBatch> batches = new ArrayList<>();
    private final long[] firstRows;

    private ImageDataset(Path folder, DatasetInfo info) {
        this.folder = folder;
        this.info = info;
        long firstRow = 0;
        for (DatasetInfo.ShardInfo shard : info.shards()) {
            open(shard, firstRow);
            firstRow += shard.rows();
        }
        shards.forEach(shard -> batches.addAll(shard.batches()));
        firstRows = new long[batches.size()];
        for (int b = 1; b < firstRows.length; b++) {
            firstRows[b] = firstRows[b - 1] + batches.get(b - 1).rows();
        }
    }

    /** Opens what a user wrote as {@code DIR} or {@code DIR:SPLIT}. */
    public static ImageDataset open(String text) {
        return open(DatasetPath.parse(text).resolve());
    }

    /** Opens a folder that holds a {@code dataset.json}, or the default split of one that has splits. */
    public static ImageDataset open(Path folder) {
        Path split = new DatasetPath(folder, null).resolve();
        if (!Files.exists(split)) {
            split = folder; // names the folder that the user gave
        }
        DatasetInfo info = DatasetInfo.read(split);
        if (info.images() == 0) {
            throw new IllegalArgumentException("the dataset " + split + " holds no images");
        }
        return new ImageDataset(split, info);
    }

    /** The folder of this split. */
    public Path folder() {
        return folder;
    }

    /** What {@code dataset.json} says. */
    public DatasetInfo info() {
        return info;
    }

    /** The number of images. */
    public long size() {
        return info.images();
    }

    /** The class names, in the order of their labels; empty for images without labels. */
    public List<String> classes() {
        return info.classes();
    }

    /**
     * Reads a row, checking that its image is as it was written.
     *
     * @throws ShardException if the file can no longer be read, which is no fault of this row
     */
    public ImageRecord get(long row) throws IOException {
        int batch = batch(row);
        return read(row, batches.get(batch), (int) (row - firstRows[batch]));
    }

    /** What is noted of a row, without reading its image. */
    public RowFacts facts(long row) {
        int number = batch(row);
        ShardBatch batch = batches.get(number);
        int at = (int) (row - firstRows[number]);
        return new RowFacts(
                batch.label(at), batch.width(at), batch.height(at), batch.imageBytes(at), batch.hasLabelMap(at));
    }

    /** Counts classes, sizes and bytes over all rows, without reading the images. */
    public DatasetSummary summary() {
        long[] perClass = new long[classes().size()];
        var widths = new IntSummaryStatistics();
        var heights = new IntSummaryStatistics();
        long bytes = 0;
        for (ShardBatch batch : batches) {
            for (int row = 0; row < batch.rows(); row++) {
                widths.accept(batch.width(row));
                heights.accept(batch.height(row));
                bytes += batch.imageBytes(row);
                if (batch.label(row) != ImageRecord.UNLABELLED) {
                    perClass[batch.label(row)]++;
                }
            }
        }
        return new DatasetSummary(
                size(),
                info.labelled(),
                info.labelMaps(),
                IntStream.range(0, perClass.length)
                        .mapToObj(c -> new DatasetSummary.ClassCount(classes().get(c), perClass[c]))
                        .toList(),
                widths.getMin(),
                widths.getMax(),
                heights.getMin(),
                heights.getMax(),
                bytes);
    }

    @Override
    public void close() {
        closeShards();
        shards.clear();
        batches.clear();
    }

    /** The number of the record batch that holds a row. */
    private int batch(long row) {
        if (row < 0 || row >= size()) {
            throw new IndexOutOfBoundsException("row " + row + " of " + folder + ", which has " + size());
        }
        int found = Arrays.binarySearch(firstRows, row);
        return found >= 0 ? found : -found - 2;
    }

    private ImageRecord read(long number, ShardBatch batch, int row) throws IOException {
        ByteBuffer encoded = batch.image(row);
        ByteBuffer labelMap = batch.labelMap(row);
        String name = batch.name(row);
        if (Columns.checksum(encoded) != batch.checksum(row)) {
            throw new IOException(
                    "row " + number + " of " + folder + ": the image " + name + " is damaged: its checksum differs");
        }
        if (!batch.isLabelMapSound(row, labelMap)) {
            throw new IOException("row " + number + " of " + folder + ": the label map of " + name
                    + " is damaged: its checksum differs");
        }
        return new ImageRecord(name, encoded, batch.label(row), labelMap, batch.width(row), batch.height(row));
    }

    private void open(DatasetInfo.ShardInfo expected, long firstRow) {
        Path file = folder.resolve(expected.file());
        try {
            Shard shard = Shard.open(file, expected);
            shards.add(shard);
            shard.check(firstRow, classes().size());
        } catch (IOException | RuntimeException | OutOfMemoryError | StackOverflowError e) {
            closeShards();
            throw new IllegalArgumentException("damaged dataset: " + file + ": " + Shard.reason(e), e);
        }
    }

    private void closeShards() {
        for (Shard shard : shards) {
            try {
                shard.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}

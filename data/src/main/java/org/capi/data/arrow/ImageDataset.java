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

/**
 * One split of a dataset, a folder of {@link Shard}s and a {@code dataset.json}: any row at any time, from any thread.
 *
 * <p>Images are kept encoded: decoded ones are ten times as large, and a training crop decodes only its window. The
 * numbers of a row are read when the dataset is opened; its name and images are read from the file whenever they are
 * needed. Nothing is mapped: a mapped file that is cut off ends the process.
 */
public final class ImageDataset implements AutoCloseable {

    private final Path folder;
    private final DatasetInfo info;
    private final List<Shard> shards = new ArrayList<>();
    private final List<Shard.Rows> batches = new ArrayList<>();
    private final long[] firstRows;

    /**
     * The numbers of a row.
     *
     * @param label an index into the dataset's classes, or {@link ImageRecord#UNLABELLED}
     * @param bytes of the encoded image
     */
    public record RowFacts(int label, int width, int height, long bytes, boolean hasLabelMap) {}

    /**
     * Counts over all rows.
     *
     * @param bytes of all encoded images
     */
    public record DatasetSummary(
            long images,
            long labelled,
            long labelMaps,
            List<ClassCount> classes,
            int minWidth,
            int maxWidth,
            int minHeight,
            int maxHeight,
            long bytes) {

        public DatasetSummary {
            classes = List.copyOf(classes);
        }

        public record ClassCount(String name, long images) {}
    }

    /** Thrown when a file of an open dataset can no longer be read, or has lost its end; names the file. */
    public static final class ShardException extends IOException {

        private static final long serialVersionUID = 1L;

        ShardException(String message) {
            super(message);
        }

        ShardException(String message, Throwable cause) {
            super(message, cause);
        }
    }

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
            firstRows[b] = firstRows[b - 1] + batches.get(b - 1).count();
        }
    }

    /** Opens {@code DIR} or {@code DIR:SPLIT}. */
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

    public Path folder() {
        return folder;
    }

    public DatasetInfo info() {
        return info;
    }

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
     * @throws ShardException if the file can no longer be read
     */
    public ImageRecord get(long row) throws IOException {
        int batch = batch(row);
        return read(row, batches.get(batch), (int) (row - firstRows[batch]));
    }

    /** The numbers of a row, without reading its image. */
    public RowFacts facts(long row) {
        int number = batch(row);
        return batches.get(number).facts((int) (row - firstRows[number]));
    }

    /** Counts classes, sizes and bytes over all rows, without reading the images. */
    public DatasetSummary summary() {
        long[] perClass = new long[classes().size()];
        var widths = new IntSummaryStatistics();
        var heights = new IntSummaryStatistics();
        long bytes = 0;
        for (Shard.Rows batch : batches) {
            for (int row = 0; row < batch.count(); row++) {
                RowFacts facts = batch.facts(row);
                widths.accept(facts.width());
                heights.accept(facts.height());
                bytes += facts.bytes();
                if (facts.label() != ImageRecord.UNLABELLED) {
                    perClass[facts.label()]++;
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

    private int batch(long row) {
        if (row < 0 || row >= size()) {
            throw new IndexOutOfBoundsException("row " + row + " of " + folder + ", which has " + size());
        }
        int found = Arrays.binarySearch(firstRows, row);
        return found >= 0 ? found : -found - 2;
    }

    private ImageRecord read(long number, Shard.Rows batch, int row) throws IOException {
        ByteBuffer encoded = batch.image(row);
        ByteBuffer labelMap = batch.labelMap(row);
        String name = batch.name(row);
        if (Shard.checksum(encoded) != batch.checksum(row)) {
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

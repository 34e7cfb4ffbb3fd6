package org.capi.train.bench;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.capi.data.CounterRandom;
import org.capi.data.Progress;
import org.capi.data.arrow.ImageDataset;
import org.capi.data.arrow.ImageRecord;
import org.capi.data.batch.BatchSettings;
import org.capi.data.batch.BatchStream;
import org.capi.data.image.CropBox;
import org.capi.data.image.CropBox.RandomResizedCrop;
import org.capi.data.image.Geometry;
import org.capi.data.image.ImageHeader;
import org.capi.data.image.ImageKernels;
import org.capi.data.image.Pixels;
import org.capi.data.mask.MaskGenerator.Edges;
import org.capi.data.mask.MaskGenerator.InverseBlockMask;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TUint8;
import picocli.CommandLine.Option;

/** Times the way from a dataset to training batches, without training. */
public final class DataBench {

    private static final double MIN_CROP = 0.6;
    private static final int[] PATCHES = {16, 14, 8, 4, 2, 1};
    private static final int QUEUED_BATCHES = 4;
    private static final int WARM_UP_BATCHES = QUEUED_BATCHES + 1;
    private static final long SEED = 1;
    private static final double MIN_BYTES_READ = 2e9;

    private static final List<String> STAGES =
            List.of("read and check", "decode the window", "resize", "flip and put into the batch");
    private static final int STAGE_WARM_UP = 200;
    private static final int STAGE_IMAGES = 1000;
    private static final long STRIDE = 7919; // a prime: rows from all over the dataset

    @Option(names = "--data", required = true, paramLabel = "DIR[:SPLIT]", description = "The dataset to read.")
    private String data = "";

    @Option(
            names = "--size",
            paramLabel = "PX",
            defaultValue = "224",
            description = "Height and width of a crop in pixels.")
    private int size;

    @Option(names = "--batch", paramLabel = "N", defaultValue = "64", description = "Images in a batch.")
    private int batchSize;

    @Option(names = "--threads", paramLabel = "N", defaultValue = "2", description = "Threads that make batches.")
    private int threads;

    /** Rounded up to whole batches. */
    @Option(names = "--images", paramLabel = "N", defaultValue = "8000", description = "Number of images to time.")
    private int images;

    /**
     * What was measured.
     *
     * @param imagesPerSecond of the stream of batches
     * @param readGigabytesPerSecond of one thread that reads encoded images and checks them, and decodes nothing
     * @param stages one thread's time for an image, part by part
     */
    public record DataTimes(
            int size,
            int batchSize,
            int threads,
            double imagesPerSecond,
            double readGigabytesPerSecond,
            List<StageTime> stages) {

        @Override
        public String toString() {
            String sizes = String.format(Locale.ROOT, "(%d px, batch %d, threads %d)", size, batchSize, threads);
            String text = String.format(Locale.ROOT, "%.1f images/s %s; ", imagesPerSecond, sizes)
                    + String.format(Locale.ROOT, "reading alone %.2f GB/s with one thread", readGigabytesPerSecond);
            return stages.stream()
                    .map(stage -> String.format(Locale.ROOT, "%n%9.3f ms  %s", stage.milliseconds, stage.name))
                    .collect(Collectors.joining("", text, ""));
        }
    }

    /** How long a part of making a training image takes, for one image. */
    public record StageTime(String name, double milliseconds) {}

    public DataTimes run(Progress progress) throws IOException {
        if (size < PATCHES[0] || batchSize < 1 || threads < 1 || images < 1) {
            throw new IllegalArgumentException("size must be at least " + PATCHES[0]
                    + ", batch, threads and images at least 1; were " + size + ", " + batchSize + ", " + threads
                    + " and " + images);
        }
        try (ImageDataset dataset = ImageDataset.open(data)) {
            double rate = imagesPerSecond(dataset, progress);
            return new DataTimes(size, batchSize, threads, rate, gigabytesPerSecond(dataset), stages(dataset));
        }
    }

    private double imagesPerSecond(ImageDataset dataset, Progress progress) {
        int batches = (images + batchSize - 1) / batchSize;
        int patch = IntStream.of(PATCHES)
                .filter(side -> size % side == 0)
                .findFirst()
                .orElseThrow();
        var mask = new InverseBlockMask(0.5, Edges.ROLLED);
        // Crops and flips; 65 % of the patches are masked, and 5 % of those predicted.
        var settings = new BatchSettings(
                batchSize, size, size, patch, MIN_CROP, 1, true, mask, 0.65, 0.05, SEED, threads, QUEUED_BATCHES, 0, 1);
        try (BatchStream stream = BatchStream.open(dataset, settings, 0)) {
            for (int i = 0; i < WARM_UP_BATCHES; i++) {
                stream.next().close();
            }
            long start = System.nanoTime();
            for (int i = 0; i < batches; i++) {
                stream.next().close();
                progress.at(i + 1L, batches);
            }
            return (double) batches * batchSize * 1e9 / (System.nanoTime() - start);
        }
    }

    /** The rate from memory: the first pass over the dataset fetches it from the disk and is not counted. */
    private static double gigabytesPerSecond(ImageDataset dataset) throws IOException {
        readAll(dataset);
        long bytes = 0;
        long start = System.nanoTime();
        while (bytes < MIN_BYTES_READ) {
            bytes += readAll(dataset);
        }
        return (double) bytes / (System.nanoTime() - start);
    }

    private static long readAll(ImageDataset dataset) throws IOException {
        long bytes = 0;
        for (long row = 0; row < dataset.size(); row++) {
            bytes += dataset.get(row).encoded().remaining();
        }
        return bytes;
    }

    /** Times the parts of making a training image, one after the other on one thread. */
    private List<StageTime> stages(ImageDataset dataset) throws IOException {
        long[] nanos = new long[STAGES.size()];
        try (var kernels = new ImageKernels();
                TUint8 batch = TUint8.tensorOf(Shape.of(1, size, size, 3))) {
            for (int i = -STAGE_WARM_UP; i < STAGE_IMAGES; i++) {
                long[] instants = one(dataset, i, kernels, batch);
                for (int stage = 0; stage < nanos.length && i >= 0; stage++) {
                    nanos[stage] += instants[stage + 1] - instants[stage];
                }
            }
        }
        return IntStream.range(0, nanos.length)
                .mapToObj(stage -> new StageTime(STAGES.get(stage), nanos[stage] / 1e6 / STAGE_IMAGES))
                .toList();
    }

    /** Makes one image; returns the instants before, between and after its stages. */
    private long[] one(ImageDataset dataset, int i, ImageKernels kernels, TUint8 batch) throws IOException {
        long row = Math.floorMod(i * STRIDE, dataset.size());
        long start = System.nanoTime();
        ImageRecord image = dataset.get(row);
        long read = System.nanoTime();
        ImageHeader header = image.header();
        CropBox box = new RandomResizedCrop(MIN_CROP, 1).draw(header.height(), header.width(), CounterRandom.of(1, i));
        Pixels window = kernels.window(image.encoded(), header, box);
        long decoded = System.nanoTime();
        Pixels resized = window.bicubic(Geometry.filling(size, size));
        long done = System.nanoTime();
        Pixels shown = i % 2 == 0 ? resized : resized.flipped();
        batch.asRawTensor().data().write(shown.toArray());
        return new long[] {start, read, decoded, done, System.nanoTime()};
    }
}

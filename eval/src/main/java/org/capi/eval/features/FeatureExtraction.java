package org.capi.eval.features;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.capi.data.Progress;
import org.capi.data.Require;
import org.capi.data.arrow.ImageDataset;
import org.capi.data.arrow.ImageRecord;
import org.capi.eval.features.Representation.FeatureShape;
import org.capi.eval.rows.FeatureRows.FloatRows;

/**
 * Computes features of images: worker threads decode while TensorFlow encodes, a batch at a time.
 *
 * @param imageSize side of the square that the encoder sees, in pixels
 * @param batchSize images encoded at once
 * @param threads that decode
 */
public record FeatureExtraction(int imageSize, int batchSize, int threads) {

    private static final int PIXELS_SIDE = 16;
    private static final int PIXELS = 3 * PIXELS_SIDE * PIXELS_SIDE;
    /** The pixels of a set may take up the heap divided by this. */
    private static final int PIXELS_SHARE_OF_HEAP = 4;

    private static final int MAX_IMAGES_OF_PIXELS = Integer.MAX_VALUE / PIXELS;
    private static final float WHITE = 255;

    public FeatureExtraction {
        Require.atLeastOne("image_size", imageSize);
        Require.atLeastOne("batch_size", batchSize);
        Require.atLeastOne("threads", threads);
    }

    /** The features of every image, labelled or not, from a cache or into it; the caller closes the file. */
    public FeatureFile features(
            FeatureCache cache,
            LoadedModel model,
            Representation representation,
            Transform transform,
            ImageDataset dataset,
            Progress progress)
            throws IOException {
        return cache.of(
                key(model, representation, transform, dataset),
                dataset.classes(),
                encoding(model, representation, transform, dataset, progress));
    }

    /** Encodes every image once for those of several representations that a cache does not have yet. */
    public void fill(
            FeatureCache cache,
            LoadedModel model,
            List<Representation> representations,
            Transform transform,
            ImageDataset dataset,
            Progress progress)
            throws IOException {
        List<FeatureCache.Key> keys = representations.stream()
                .map(representation -> key(model, representation, transform, dataset))
                .toList();
        cache.fill(keys, dataset.classes(), missing -> sinks -> {
            List<Representation> made =
                    missing.stream().map(FeatureCache.Key::representation).toList();
            encode(model, made, transform, dataset, sinks, progress);
        });
    }

    FeatureCache.Key key(LoadedModel model, Representation representation, Transform transform, ImageDataset dataset) {
        return new FeatureCache.Key(
                model.checksum(), LoadedModel.checksum(dataset), transform, representation, imageSize);
    }

    FeatureCache.Making encoding(
            LoadedModel model,
            Representation representation,
            Transform transform,
            ImageDataset dataset,
            Progress progress) {
        return sink -> encode(model, List.of(representation), transform, dataset, List.of(sink), progress);
    }

    /** Encodes every image once, and adds each representation to the sink in its place. */
    private void encode(
            LoadedModel model,
            List<Representation> representations,
            Transform transform,
            ImageDataset dataset,
            List<FeatureFile.Sink> sinks,
            Progress progress)
            throws IOException {
        List<DecodedImages.Decoded> batch = new ArrayList<>();
        long done = 0;
        try (var images = new DecodedImages(dataset, transform.view(imageSize), dataset.size(), threads)) {
            while (images.hasNext()) {
                batch.add(images.next());
                if (batch.size() == batchSize || !images.hasNext()) {
                    var encoded = EncodedBatch.of(
                            model.encoder(),
                            batch.stream().map(DecodedImages.Decoded::pixels).toList());
                    for (int i = 0; i < sinks.size(); i++) {
                        add(encoded, representations.get(i), batch, sinks.get(i));
                    }
                    done += batch.size();
                    batch.clear();
                    progress.at(done, dataset.size());
                }
            }
        }
    }

    private static void add(
            EncodedBatch encoded,
            Representation representation,
            List<DecodedImages.Decoded> batch,
            FeatureFile.Sink sink)
            throws IOException {
        float[][] values = representation.of(encoded.features());
        FeatureShape shape = representation.shape(encoded.features(), values[0].length);
        for (int i = 0; i < values.length; i++) {
            DecodedImages.Decoded image = batch.get(i);
            EncodedBatch.checkFinite(values[i], "the image " + image.name());
            sink.add(image.name(), image.label(), shape, values[i]);
        }
    }

    /** Whether a set has not too many images for {@link #pixels}. */
    public static boolean fitsPixels(ImageDataset dataset) {
        long images = dataset.info().labelled();
        long free = Runtime.getRuntime().maxMemory() / PIXELS_SHARE_OF_HEAP;
        return images <= MAX_IMAGES_OF_PIXELS && images * PIXELS * Float.BYTES <= free;
    }

    /** The labelled images themselves, squashed to 16 x 16 pixels, values in [0, 1]. */
    public FeatureTable pixels(ImageDataset dataset, Progress progress) throws IOException {
        int[] rows = IntStream.range(0, Math.toIntExact(dataset.size()))
                .filter(row -> dataset.facts(row).label() != ImageRecord.UNLABELLED)
                .toArray();
        if (rows.length > MAX_IMAGES_OF_PIXELS) {
            throw new IllegalArgumentException("the pixels of at most " + MAX_IMAGES_OF_PIXELS
                    + " labelled images are compared, " + dataset.folder() + " has " + rows.length);
        }
        int[] labels = new int[rows.length];
        float[] values = new float[rows.length * PIXELS];
        int at = 0;
        DecodedImages.View tiny =
                (kernels, image, position) -> kernels.squash(image.encoded(), image.header(), PIXELS_SIDE, PIXELS_SIDE);
        try (var images =
                new DecodedImages(dataset, tiny, position -> rows[Math.toIntExact(position)], rows.length, threads)) {
            for (int i = 0; i < rows.length; i++) {
                var image = images.next();
                labels[i] = image.label();
                for (byte value : image.pixels().toArray()) {
                    values[at++] = Byte.toUnsignedInt(value) / WHITE;
                }
                progress.at(i + 1, rows.length);
            }
        }
        return new FeatureTable(new FloatRows(values, PIXELS), labels, dataset.classes());
    }
}

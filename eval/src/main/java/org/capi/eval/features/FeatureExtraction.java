package org.capi.eval.features;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.capi.data.Progress;
import org.capi.data.arrow.ImageDataset;
import org.capi.data.arrow.ImageRecord;
import org.capi.data.image.Pixels;
import org.capi.savedmodels.Features;
import org.capi.savedmodels.VisionEncoder;
import org.tensorflow.types.TFloat32;

/**
 * How vectors are made of images: worker threads decode while TensorFlow computes, a batch at a time.
 *
 * @param imageSize side of the square that the encoder sees, in pixels
 * @param batchSize images encoded at once
 * @param threads that decode
 */
public record FeatureExtraction(int imageSize, int batchSize, int threads) {

    private static final int PIXELS_SIDE = 16;

    public FeatureExtraction {
        atLeastOne("image_size", imageSize);
        atLeastOne("batch_size", batchSize);
        atLeastOne("threads", threads);
    }

    /** The features of every labelled image, one vector each. */
    public FeatureTable encode(
            VisionEncoder encoder, Representation representation, ImageDataset dataset, Progress progress)
            throws IOException {
        if (representation.severalVectors()) {
            throw new IllegalArgumentException(
                    "this evaluation needs one vector for an image, not the representation " + representation);
        }
        DecodedImages.View centre = Transform.CENTRE.view(imageSize);
        return table(dataset, centre, progress, batch -> representation.of(encoder.encode(batch)));
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
        var key = new FeatureKey(model.checksum(), Checksums.ofDataset(dataset), transform, representation, imageSize);
        return cache.of(
                key,
                dataset.classes(),
                sink -> encode(model.encoder(), representation, transform, dataset, progress, sink));
    }

    /** Gives a sink the features of every image, labelled or not. */
    private void encode(
            VisionEncoder encoder,
            Representation representation,
            Transform transform,
            ImageDataset dataset,
            Progress progress,
            FeatureSink sink)
            throws IOException {
        List<DecodedImages.Decoded> batch = new ArrayList<>();
        long done = 0;
        try (var images = new DecodedImages(dataset, transform.view(imageSize), dataset.size(), threads)) {
            while (images.hasNext()) {
                batch.add(images.next());
                if (batch.size() == batchSize || !images.hasNext()) {
                    encode(encoder, representation, batch, sink);
                    done += batch.size();
                    batch.clear();
                    progress.at(done, dataset.size());
                }
            }
        }
    }

    private static void encode(
            VisionEncoder encoder, Representation representation, List<DecodedImages.Decoded> batch, FeatureSink sink)
            throws IOException {
        try (TFloat32 images =
                ImageBatch.of(batch.stream().map(DecodedImages.Decoded::pixels).toList())) {
            Features features = encoder.encode(images);
            float[][] values = representation.of(features);
            FeatureShape shape = representation.shape(features, values[0].length);
            for (int i = 0; i < values.length; i++) {
                DecodedImages.Decoded image = batch.get(i);
                refuseNotFinite(values[i], "the image " + image.name());
                sink.add(image.name(), image.label(), shape, values[i]);
            }
        }
    }

    /** The images themselves, squashed to 16 x 16 pixels, values in [0, 1]. */
    public FeatureTable pixels(ImageDataset dataset, Progress progress) throws IOException {
        DecodedImages.View tiny =
                (kernels, image) -> kernels.squash(image.encoded(), image.header(), PIXELS_SIDE, PIXELS_SIDE);
        return table(dataset, tiny, progress, ImageBatch::rows);
    }

    private FeatureTable table(
            ImageDataset dataset, DecodedImages.View view, Progress progress, ImageBatch.Vectors vectors)
            throws IOException {
        if (dataset.info().labelled() == 0) {
            throw new IllegalArgumentException("the dataset " + dataset.folder()
                    + " has no labels; this evaluation needs the class of each image");
        }
        List<float[]> rows = new ArrayList<>();
        List<Integer> labels = new ArrayList<>();
        List<Pixels> batch = new ArrayList<>();
        long seen = 0;
        try (var images = new DecodedImages(dataset, view, dataset.size(), threads)) {
            while (images.hasNext()) {
                var image = images.next();
                seen++;
                if (image.label() != ImageRecord.UNLABELLED) {
                    batch.add(image.pixels());
                    labels.add(image.label());
                }
                boolean full = batch.size() == batchSize;
                if (full || !images.hasNext()) {
                    rows.addAll(List.of(ImageBatch.apply(vectors, batch)));
                    batch.clear();
                    progress.at(seen, dataset.size());
                }
            }
        }
        rows.forEach(row -> refuseNotFinite(row, "an image of " + dataset.folder()));
        int[] classes = labels.stream().mapToInt(Integer::intValue).toArray();
        return new FeatureTable(rows.toArray(float[][]::new), classes, dataset.classes());
    }

    private static void refuseNotFinite(float[] row, String whose) {
        for (float value : row) {
            if (!Float.isFinite(value)) {
                throw new IllegalStateException("the encoder gives a number that is not finite for " + whose);
            }
        }
    }

    private static void atLeastOne(String key, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(key + " must be at least 1, was " + value);
        }
    }
}

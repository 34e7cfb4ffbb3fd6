package org.capi.eval.features;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.capi.data.Progress;
import org.capi.data.arrow.ImageDataset;
import org.capi.data.arrow.ImageRecord;
import org.capi.data.image.Pixels;
import org.capi.savedmodels.VisionEncoder;

/**
 * How vectors are made of images: worker threads decode while TensorFlow computes, a batch at a time.
 *
 * @param imageSize side of the square that the encoder sees, in pixels
 * @param batchSize images encoded at once
 * @param threads that decode
 */
public record FeatureExtraction(int imageSize, int batchSize, int threads) {

    /** The shorter side is resized to 256/224 of the square that is cut from the centre. */
    private static final double RESIZE = 256.0 / 224;

    private static final int PIXELS_SIDE = 16;

    public FeatureExtraction {
        atLeastOne("image_size", imageSize);
        atLeastOne("batch_size", batchSize);
        atLeastOne("threads", threads);
    }

    /** The features of every labelled image. */
    public FeatureTable encode(
            VisionEncoder encoder, Representation representation, ImageDataset dataset, Progress progress)
            throws IOException {
        DecodedImages.View centre = (kernels, image) ->
                kernels.centre(image.encoded(), image.header(), (int) Math.rint(imageSize * RESIZE), imageSize);
        return table(dataset, centre, progress, batch -> representation.of(encoder.encode(batch)));
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
        refuseNotFinite(rows, dataset);
        int[] classes = labels.stream().mapToInt(Integer::intValue).toArray();
        return new FeatureTable(rows.toArray(float[][]::new), classes, dataset.classes());
    }

    private static void refuseNotFinite(List<float[]> rows, ImageDataset dataset) {
        for (float[] row : rows) {
            for (float value : row) {
                if (!Float.isFinite(value)) {
                    throw new IllegalStateException(
                            "the encoder gives a number that is not finite for an image of " + dataset.folder());
                }
            }
        }
    }

    private static void atLeastOne(String key, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(key + " must be at least 1, was " + value);
        }
    }
}

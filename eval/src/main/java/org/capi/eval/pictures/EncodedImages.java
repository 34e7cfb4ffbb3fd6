package org.capi.eval.pictures;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.capi.data.Progress;
import org.capi.data.arrow.ImageDataset;
import org.capi.data.image.Pixels;
import org.capi.eval.features.DecodedImages;
import org.capi.eval.features.EncodedBatch;
import org.capi.eval.features.LoadedModel;
import org.capi.eval.features.Representation;
import org.capi.eval.features.Transform;
import org.tensorflow.ndarray.FloatNdArray;
import org.tensorflow.ndarray.buffer.DataBuffers;

/** Images spread evenly over a dataset, each as a square, with the features of their patches. */
final class EncodedImages {

    private static final int IMAGES_AT_ONCE = 8;
    private static final int SHOWN_SIDE = 224;

    private final List<DecodedImages.Decoded> images = new ArrayList<>();
    private final List<FloatNdArray> maps = new ArrayList<>();

    private EncodedImages() {}

    /** Decodes and encodes. */
    static EncodedImages of(
            LoadedModel model,
            ImageDataset dataset,
            int count,
            Transform transform,
            int imageSize,
            int threads,
            Progress progress)
            throws IOException {
        model.shapes(imageSize, List.of(Representation.PATCHES));
        var encoded = new EncodedImages();
        try (var decoded = new DecodedImages(dataset, transform.view(imageSize), count, threads)) {
            List<Pixels> batch = new ArrayList<>();
            while (decoded.hasNext()) {
                encoded.images.add(decoded.next());
                batch.add(encoded.image(encoded.count() - 1).pixels());
                if (batch.size() == IMAGES_AT_ONCE || !decoded.hasNext()) {
                    var features = EncodedBatch.of(model.encoder(), batch);
                    features.checkFinite(Representation.PATCHES, "an image of " + dataset.folder());
                    encoded.maps.add(features.features().featureMap());
                    batch.clear();
                    progress.at(encoded.count(), Math.min(count, dataset.size()));
                }
            }
        }
        return encoded;
    }

    int count() {
        return images.size();
    }

    DecodedImages.Decoded image(int image) {
        return images.get(image);
    }

    /** How wide and high pictures are, in dots: patches are squares of one size in them. */
    int shownSide() {
        return Picture.evenSide(columns(), SHOWN_SIDE);
    }

    /** An image as it is shown beside its patches. */
    BufferedImage shown(int image) {
        return Picture.shrunk(Picture.of(image(image).pixels()), shownSide());
    }

    /** How many rows of patches an image has. */
    int rows() {
        return axis(1);
    }

    int columns() {
        return axis(2);
    }

    int dim() {
        return axis(3);
    }

    /** {@code [images, rows, columns, dim]}. */
    float[] features() {
        long numbers = (long) count() * rows() * columns() * dim();
        if (numbers > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("the features of " + count() + " images are " + numbers
                    + " numbers, too many; give fewer images or a smaller image_size");
        }
        float[] all = new float[(int) numbers];
        int at = 0;
        for (FloatNdArray map : maps) {
            int length = Math.toIntExact(map.size());
            map.copyTo(DataBuffers.of(all, false, false).slice(at, length));
            at += length;
        }
        return all;
    }

    private int axis(int axis) {
        return Math.toIntExact(maps.get(0).shape().get(axis));
    }
}

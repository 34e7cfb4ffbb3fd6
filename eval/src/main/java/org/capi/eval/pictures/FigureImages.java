package org.capi.eval.pictures;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntUnaryOperator;
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
final class FigureImages {

    private static final int BATCH_SIZE = 8;
    private static final int MIN_SIDE = 224;

    private final List<Pixels> images = new ArrayList<>();
    private final List<FloatNdArray> maps = new ArrayList<>();

    private FigureImages() {}

    static FigureImages of(
            LoadedModel model,
            ImageDataset dataset,
            int count,
            Transform transform,
            int imageSize,
            int threads,
            Progress progress)
            throws IOException {
        model.shapes(imageSize, List.of(Representation.PATCHES));
        var encoded = new FigureImages();
        try (var decoded = new DecodedImages(dataset, transform.view(imageSize), count, threads)) {
            List<Pixels> batch = new ArrayList<>();
            while (decoded.hasNext()) {
                batch.add(decoded.next().pixels());
                if (batch.size() == BATCH_SIZE || !decoded.hasNext()) {
                    var features = EncodedBatch.of(model.encoder(), batch);
                    features.checkFinite(Representation.PATCHES, "an image of " + dataset.folder());
                    encoded.maps.add(features.features().featureMap());
                    encoded.images.addAll(batch);
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

    int patches() {
        return axis(1) * axis(2);
    }

    int dim() {
        return axis(3);
    }

    private int axis(int axis) {
        return Math.toIntExact(maps.get(0).shape().get(axis));
    }

    /** {@code [images, rows, columns, dim]}. */
    float[] features() {
        long numbers = (long) count() * patches() * dim();
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

    /** The width and height of pictures in dots: patches are squares of one size in them. */
    private int side() {
        return Picture.evenSide(axis(2), MIN_SIDE);
    }

    /** An image as it is shown next to its patches. */
    BufferedImage shown(int image) {
        return Picture.shrunk(Picture.of(images.get(image)), side());
    }

    /**
     * The patches of an image as squares.
     *
     * @param colour of a patch, counted over all images
     */
    BufferedImage view(int image, IntUnaryOperator colour) {
        int first = image * patches();
        return Picture.enlarged(
                Picture.drawn(axis(2), axis(1), (row, column) -> colour.applyAsInt(first + row * axis(2) + column)),
                side());
    }

    /** A row for each image: the image, and each view of its patches under its caption. */
    ImageGrid grid(Map<String, IntUnaryOperator> views) {
        List<String> captions = new ArrayList<>(List.of("image"));
        captions.addAll(views.keySet());
        List<List<BufferedImage>> rows = new ArrayList<>();
        for (int i = 0; i < count(); i++) {
            List<BufferedImage> row = new ArrayList<>(List.of(shown(i)));
            for (IntUnaryOperator colour : views.values()) {
                row.add(view(i, colour));
            }
            rows.add(row);
        }
        return new ImageGrid(captions, rows);
    }
}

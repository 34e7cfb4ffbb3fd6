package org.capi.eval.pictures;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.capi.data.Progress;
import org.capi.data.arrow.ImageDataset;
import org.capi.data.image.Pixels;
import org.capi.eval.features.DecodedImages;
import org.capi.eval.features.ImageBatch;
import org.capi.savedmodels.VisionEncoder;
import org.tensorflow.ndarray.FloatNdArray;
import org.tensorflow.ndarray.buffer.DataBuffers;

/**
 * Draws feature maps: images spread evenly over a dataset, each squashed to a square, beside the principal components of its
 * own patches and of the patches of all images.
 *
 * @param images how many
 * @param imageSize side of the square that the encoder sees, in pixels
 * @param threads that decode
 */
public record PcaPictures(int images, int imageSize, int threads) {

    private static final int COMPONENTS_SEPARATE = 6;
    private static final int COMPONENTS_JOINT = 10;
    private static final int IMAGES_AT_ONCE = 8;
    private static final int SHOWN_SIDE = 224;

    public PcaPictures {
        if (images < 1) {
            throw new IllegalArgumentException("images must be at least 1, was " + images);
        }
        if (imageSize < 1) {
            throw new IllegalArgumentException("image_size must be at least 1, was " + imageSize);
        }
        if (threads < 1) {
            throw new IllegalArgumentException("threads must be at least 1, was " + threads);
        }
    }

    /** Encodes and draws. */
    public PcaSheet draw(VisionEncoder encoder, ImageDataset dataset, Progress progress) throws IOException {
        DecodedImages.View square =
                (kernels, image) -> kernels.squash(image.encoded(), image.header(), imageSize, imageSize);
        List<DecodedImages.Decoded> seen = new ArrayList<>();
        List<FloatNdArray> maps = new ArrayList<>();
        try (var decoded = new DecodedImages(dataset, square, images, threads)) {
            List<Pixels> batch = new ArrayList<>();
            while (decoded.hasNext()) {
                seen.add(decoded.next());
                batch.add(seen.get(seen.size() - 1).pixels());
                if (batch.size() == IMAGES_AT_ONCE || !decoded.hasNext()) {
                    try (var tensor = ImageBatch.of(batch)) {
                        maps.add(encoder.encode(tensor).featureMap());
                    }
                    batch.clear();
                    progress.at(seen.size(), Math.min(images, dataset.size()));
                }
            }
        }
        return sheet(seen, maps);
    }

    private static PcaSheet sheet(List<DecodedImages.Decoded> seen, List<FloatNdArray> maps) {
        long[] shape = maps.get(0).shape().asArray();
        int rows = Math.toIntExact(shape[1]);
        int columns = Math.toIntExact(shape[2]);
        int dim = Math.toIntExact(shape[3]);
        float[] all = joined(maps, seen.size() * rows * columns * dim);
        List<PcaSheet.Row> drawn = new ArrayList<>();
        try (var separate = new PrincipalComponents(dim, COMPONENTS_SEPARATE);
                var joint = new PrincipalComponents(dim, COMPONENTS_JOINT)) {
            double[] ofAll = joint.of(all);
            for (int i = 0; i < seen.size(); i++) {
                int size = rows * columns * dim;
                double[] own = separate.of(Arrays.copyOfRange(all, i * size, (i + 1) * size));
                BufferedImage ownView = PcaView.draw(own, separate.count(), 0, rows, columns);
                BufferedImage jointView = PcaView.draw(ofAll, joint.count(), i * rows * columns, rows, columns);
                drawn.add(new PcaSheet.Row(
                        seen.get(i).name(),
                        Picture.enlarged(Picture.of(seen.get(i).pixels()), SHOWN_SIDE),
                        Picture.enlarged(ownView, SHOWN_SIDE),
                        Picture.enlarged(jointView, SHOWN_SIDE)));
            }
        }
        return new PcaSheet(drawn);
    }

    private static float[] joined(List<FloatNdArray> maps, int size) {
        float[] all = new float[size];
        int at = 0;
        for (FloatNdArray map : maps) {
            int length = Math.toIntExact(map.size());
            map.copyTo(DataBuffers.of(all, false, false).slice(at, length));
            at += length;
        }
        return all;
    }
}

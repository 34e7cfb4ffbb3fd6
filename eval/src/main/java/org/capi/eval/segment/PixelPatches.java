package org.capi.eval.segment;

import java.io.IOException;
import org.capi.data.Progress;
import org.capi.data.arrow.ImageDataset;
import org.capi.eval.features.DecodedImages;
import org.capi.eval.rows.FeatureRows;
import org.capi.eval.rows.FloatRows;

/** The baseline without any model: a patch is its own pixels, {@code patchSize · patchSize · 3} values in [0, 1]. */
record PixelPatches(int imageSize, int patchSize, int threads) {

    private static final int CHANNELS = 3;
    private static final float WHITE = 255;

    FeatureRows read(ImageDataset dataset, Progress progress) throws IOException {
        int ofImage = imageSize * imageSize * CHANNELS;
        float[] values = new float[Math.multiplyExact(Math.toIntExact(dataset.size()), ofImage)];
        int at = 0;
        DecodedImages.View square =
                (kernels, image) -> kernels.squash(image.encoded(), image.header(), imageSize, imageSize);
        try (var images = new DecodedImages(dataset, square, dataset.size(), threads)) {
            while (images.hasNext()) {
                byPatch(images.next().pixels().toArray(), values, at);
                at += ofImage;
                progress.at(at / ofImage, dataset.size());
            }
        }
        return new FloatRows(values, patchSize * patchSize * CHANNELS);
    }

    private void byPatch(byte[] pixels, float[] into, int at) {
        int to = at;
        for (int top = 0; top < imageSize; top += patchSize) {
            for (int left = 0; left < imageSize; left += patchSize) {
                for (int y = 0; y < patchSize; y++) {
                    int from = ((top + y) * imageSize + left) * CHANNELS;
                    for (int i = 0; i < patchSize * CHANNELS; i++) {
                        into[to++] = Byte.toUnsignedInt(pixels[from + i]) / WHITE;
                    }
                }
            }
        }
    }
}

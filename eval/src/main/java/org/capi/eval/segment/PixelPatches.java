package org.capi.eval.segment;

import java.io.IOException;
import java.nio.file.Path;
import org.capi.data.Progress;
import org.capi.data.arrow.ImageDataset;
import org.capi.eval.features.DecodedImages;
import org.capi.eval.rows.FeatureRows;
import org.capi.eval.rows.StoredBytes;

/** The baseline without any model: a patch is its own pixels, {@code patchSize · patchSize · 3} values in [0, 1]. */
record PixelPatches(int imageSize, int patchSize, int threads) {

    private static final int CHANNELS = 3;
    private static final float WHITE = 255;

    FeatureRows read(ImageDataset dataset, Path scratch, Progress progress) throws IOException {
        byte[] values = new byte[imageSize * imageSize * CHANNELS];
        long done = 0;
        DecodedImages.View square =
                (kernels, image) -> kernels.squash(image.encoded(), image.header(), imageSize, imageSize);
        try (var all = new StoredBytes.Writer(scratch);
                var images = new DecodedImages(dataset, square, dataset.size(), threads)) {
            while (images.hasNext()) {
                byPatch(images.next().pixels().toArray(), values);
                all.append(values);
                progress.at(++done, dataset.size());
            }
            return new Rows(all.finish(), patchSize * patchSize * CHANNELS);
        }
    }

    /** Stored grey levels as numbers from 0 to 1. */
    private record Rows(StoredBytes values, int dim) implements FeatureRows {

        @Override
        public int size() {
            return Math.toIntExact(values.size() / dim);
        }

        @Override
        public void read(int from, int count, float[] into, int at) {
            byte[] bytes = new byte[count * dim];
            values.read((long) from * dim, bytes.length, bytes, 0);
            for (int i = 0; i < bytes.length; i++) {
                into[at + i] = Byte.toUnsignedInt(bytes[i]) / WHITE;
            }
        }
    }

    private void byPatch(byte[] pixels, byte[] into) {
        int to = 0;
        for (int top = 0; top < imageSize; top += patchSize) {
            for (int left = 0; left < imageSize; left += patchSize) {
                for (int y = 0; y < patchSize; y++) {
                    int from = ((top + y) * imageSize + left) * CHANNELS;
                    System.arraycopy(pixels, from, into, to, patchSize * CHANNELS);
                    to += patchSize * CHANNELS;
                }
            }
        }
    }
}

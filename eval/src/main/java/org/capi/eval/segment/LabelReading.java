package org.capi.eval.segment;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.TreeSet;
import org.capi.data.Progress;
import org.capi.data.arrow.ImageDataset;
import org.capi.data.arrow.ImageRecord;
import org.capi.data.image.ImageKernels;
import org.capi.data.image.Pixels;
import org.capi.eval.features.DecodedImages;

/**
 * Reads the label maps of a dataset, squashed (nearest) to the square that the encoder sees, as labels of patches. A map
 * of another size than its image and a label that is neither a class nor ignored are refused by the image's name.
 *
 * @param imageSize side of the square in pixels, a multiple of the patch's side {@code patchSize}
 */
record LabelReading(int imageSize, int patchSize, Set<Integer> ignored, int threads) {

    LabelReading {
        if (patchSize < 1 || imageSize % patchSize != 0) {
            throw new IllegalArgumentException(
                    "image_size must be a multiple of the patch size " + patchSize + ", was " + imageSize);
        }
        ignored = Set.copyOf(ignored);
    }

    /** How many patches an image has along either side. */
    int grid() {
        return imageSize / patchSize;
    }

    /** Refuses images without label maps. */
    static void checkMaps(ImageDataset dataset) {
        if (dataset.info().labelMaps() < dataset.size()) {
            throw new IllegalArgumentException("segmentation needs a label map for each image; of the " + dataset.size()
                    + " images of " + dataset.folder() + " " + dataset.info().labelMaps() + " have one");
        }
    }

    PatchLabels read(ImageDataset dataset, Progress progress) throws IOException {
        int ofImage = imageSize * imageSize;
        byte[] labels = new byte[Math.multiplyExact(Math.toIntExact(dataset.size()), ofImage)];
        int at = 0;
        int classes = dataset.classes().size();
        DecodedImages.View maps = (kernels, image) -> map(kernels, image, classes);
        try (var images = new DecodedImages(dataset, maps, dataset.size(), threads)) {
            while (images.hasNext()) {
                byPatch(images.next().pixels().toArray(), labels, at);
                at += ofImage;
                progress.at(at / ofImage, dataset.size());
            }
        }
        return new PatchLabels(labels, patchSize * patchSize);
    }

    private Pixels map(ImageKernels kernels, ImageRecord image, int classes) throws IOException {
        ByteBuffer file = image.labelMap();
        if (file == null) {
            throw new IOException("it has no label map");
        }
        Pixels map = kernels.decodeLabelMap(file);
        if (map.height() != image.height() || map.width() != image.width()) {
            throw new IOException("its label map has " + map.width() + " x " + map.height() + " pixels, it has "
                    + image.width() + " x " + image.height());
        }
        for (byte value : map.toArray()) {
            int label = Byte.toUnsignedInt(value);
            if (label >= classes && !ignored.contains(label)) {
                throw new IOException("its label map has the label " + label + ", which must be below " + classes
                        + ", the number of classes, or one of the ignored " + new TreeSet<>(ignored));
            }
        }
        return map.nearest(imageSize, imageSize);
    }

    /** From pixels row by row to patches row by row, each with its pixels row by row. */
    void byPatch(byte[] pixels, byte[] into, int at) {
        int to = at;
        for (int top = 0; top < imageSize; top += patchSize) {
            for (int left = 0; left < imageSize; left += patchSize) {
                for (int y = 0; y < patchSize; y++) {
                    System.arraycopy(pixels, (top + y) * imageSize + left, into, to, patchSize);
                    to += patchSize;
                }
            }
        }
    }
}

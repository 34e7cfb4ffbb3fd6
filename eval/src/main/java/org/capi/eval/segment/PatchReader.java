package org.capi.eval.segment;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.capi.data.Progress;
import org.capi.data.arrow.ImageDataset;
import org.capi.data.arrow.ImageRecord;
import org.capi.data.image.ImageKernels;
import org.capi.data.image.Pixels;
import org.capi.eval.features.DecodedImages;
import org.capi.eval.features.Transform;
import org.capi.eval.rows.FeatureRows;
import org.capi.eval.rows.StoredBytes;

/**
 * Reads the label maps and the pixels of a dataset, squashed to the square that the encoder sees, patch by patch. A map
 * of another size than its image and a label that is neither a class nor ignored are refused by the image's name.
 *
 * @param imageSize side of the square in pixels, a multiple of the patch's side {@code patchSize}
 */
record PatchReader(int imageSize, int patchSize, Set<Integer> ignored, int threads) {

    /** A little less than the largest {@code int}, so that a chunk more can be counted too. */
    private static final int MAX_PATCHES = 2_000_000_000;

    private static final int MAX_IMAGE_SIZE = 1 << 14;
    private static final int RGB = 3;
    private static final float WHITE = 255;

    PatchReader {
        if (imageSize < 1 || imageSize > MAX_IMAGE_SIZE) {
            throw new IllegalArgumentException("image_size must be in 1 to " + MAX_IMAGE_SIZE + ", was " + imageSize);
        }
        if (patchSize < 1 || imageSize % patchSize != 0) {
            throw new IllegalArgumentException(
                    "image_size must be a multiple of the patch size " + patchSize + ", was " + imageSize);
        }
        ignored = Set.copyOf(ignored);
    }

    int grid() {
        return imageSize / patchSize;
    }

    static void checkMaps(ImageDataset dataset) {
        if (dataset.info().labelMaps() < dataset.size()) {
            throw new IllegalArgumentException("segmentation needs a label map for each image; of the " + dataset.size()
                    + " images of " + dataset.folder() + " " + dataset.info().labelMaps() + " have one");
        }
    }

    /** Refuses maps all of whose pixels are ignored; reads no further than to the first that is not. */
    static void checkCounted(ImageDataset dataset, String otherwise, Set<Integer> ignored) throws IOException {
        try (var kernels = new ImageKernels()) {
            for (long row = 0; row < dataset.size(); row++) {
                ByteBuffer file = dataset.get(row).labelMap();
                if (file == null) {
                    continue;
                }
                try {
                    for (byte label : kernels.decodeLabelMap(file).toArray()) {
                        if (!ignored.contains(Byte.toUnsignedInt(label))) {
                            return;
                        }
                    }
                } catch (IOException e) {
                    return; // reading all maps names it
                }
            }
        }
        throw new IllegalArgumentException(otherwise + ": the label of each pixel of " + dataset.folder()
                + " is among the ignored " + new TreeSet<>(ignored));
    }

    /** All label maps, squashed by the nearest pixel; many labels go to a temporary file in {@code scratch}. */
    PatchLabels labels(ImageDataset dataset, Path scratch, Progress progress) throws IOException {
        checkPatches(dataset.size());
        int classes = dataset.classes().size();
        DecodedImages.View maps = (kernels, image, position) -> map(kernels, image, classes);
        return PatchLabels.of(read(dataset, maps, 1, scratch, progress), patchSize * patchSize);
    }

    /** Refuses more patches than rows can be counted. */
    void checkPatches(long images) {
        long ofImage = (long) grid() * grid();
        if (images > MAX_PATCHES / ofImage) {
            throw new IllegalArgumentException("a segmentation takes at most " + MAX_PATCHES + " patches of a set, "
                    + images + " images of " + ofImage + " patches are more; give a smaller image_size");
        }
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

    /**
     * The baseline without any model: a patch is its own pixels, {@code patchSize · patchSize · 3} values in [0, 1].
     */
    FeatureRows pixels(ImageDataset dataset, Path scratch, Progress progress) throws IOException {
        StoredBytes values = read(dataset, Transform.SQUASH.view(imageSize), RGB, scratch, progress);
        int dim = patchSize * patchSize * RGB;
        return new FeatureRows.View(Math.toIntExact(values.size() / dim), dim, (from, count, into, at) -> {
            byte[] bytes = new byte[count * dim];
            values.read((long) from * dim, bytes.length, bytes, 0);
            for (int i = 0; i < bytes.length; i++) {
                into[at + i] = Byte.toUnsignedInt(bytes[i]) / WHITE;
            }
        });
    }

    private StoredBytes read(
            ImageDataset dataset, DecodedImages.View view, int channels, Path scratch, Progress progress)
            throws IOException {
        long done = 0;
        try (var all = new StoredBytes.Writer(scratch);
                var images = new DecodedImages(dataset, view, dataset.size(), threads)) {
            while (images.hasNext()) {
                all.append(byPatch(images.next().pixels().toArray(), channels));
                progress.at(++done, dataset.size());
            }
            return all.finish();
        }
    }

    /** From pixels row by row to patches row by row, each with its pixels row by row. */
    byte[] byPatch(byte[] pixels, int channels) {
        byte[] patches = new byte[imageSize * imageSize * channels];
        int run = patchSize * channels;
        int to = 0;
        for (int top = 0; top < imageSize; top += patchSize) {
            for (int left = 0; left < imageSize; left += patchSize) {
                for (int y = 0; y < patchSize; y++) {
                    System.arraycopy(pixels, ((top + y) * imageSize + left) * channels, patches, to, run);
                    to += run;
                }
            }
        }
        return patches;
    }
}

package org.capi.eval.segment;

import java.util.Arrays;
import org.capi.eval.features.Confusion;
import org.capi.eval.rows.StoredBytes;
import org.capi.eval.search.Neighbours;

/**
 * The labels of the pixels of patches: {@code [patches, pixels]}, the pixels of a patch row by row. There may be more
 * of them than an array holds; parts of a table are views of it.
 */
public final class PatchLabels {

    private final LabelSource source;
    private final int size;
    private final int pixels;

    @FunctionalInterface
    private interface LabelSource {
        void read(int patch, byte[] into, int at);
    }

    private PatchLabels(LabelSource source, int size, int pixels) {
        this.source = source;
        this.size = size;
        this.pixels = pixels;
    }

    public PatchLabels(byte[] values, int pixels) {
        this(
                (patch, into, at) -> System.arraycopy(values, patch * pixels, into, at, pixels),
                patches(values.length, pixels),
                pixels);
    }

    public static PatchLabels of(StoredBytes values, int pixels) {
        return new PatchLabels(
                (patch, into, at) -> values.read((long) patch * pixels, pixels, into, at),
                patches(values.size(), pixels),
                pixels);
    }

    private static int patches(long values, int pixels) {
        if (pixels < 1 || values % pixels != 0) {
            throw new IllegalArgumentException(values + " labels are no patches of " + pixels + " pixels");
        }
        return Math.toIntExact(values / pixels);
    }

    /** The same label for all pixels of a patch. */
    static PatchLabels even(byte[] ofPatches, int pixels) {
        return new PatchLabels(
                (patch, into, at) -> Arrays.fill(into, at, at + pixels, ofPatches[patch]), ofPatches.length, pixels);
    }

    /**
     * The patch probe without training: every pixel of a query gets the majority label of the pixels at its position in
     * the first {@code k} neighbours. Distances do not weigh.
     */
    public static PatchLabels vote(Neighbours nearest, int k, PatchLabels labels) {
        int pixels = labels.pixels();
        byte[] voted = new byte[Math.multiplyExact(nearest.queries(), pixels)];
        byte[] of = new byte[Math.multiplyExact(k, pixels)];
        var majority = new MajorityVote();
        for (int query = 0; query < nearest.queries(); query++) {
            for (int i = 0; i < k; i++) {
                labels.read(nearest.row(query, i), of, i * pixels);
            }
            for (int pixel = 0; pixel < pixels; pixel++) {
                voted[query * pixels + pixel] = majority.of(of, pixel, k, pixels);
            }
        }
        return new PatchLabels(voted, pixels);
    }

    /** The most frequent of a few labels, the smallest of those that are equally frequent; for one thread. */
    static final class MajorityVote {

        private final int[] counts = new int[Confusion.LABELS];

        /** Of {@code count} labels that lie {@code stride} apart. */
        byte of(byte[] labels, int from, int count, int stride) {
            int best = counts.length;
            int most = 0;
            for (int i = 0; i < count; i++) {
                int label = Byte.toUnsignedInt(labels[from + i * stride]);
                int times = ++counts[label];
                if (times > most || (times == most && label < best)) {
                    most = times;
                    best = label;
                }
            }
            for (int i = 0; i < count; i++) {
                counts[Byte.toUnsignedInt(labels[from + i * stride])] = 0;
            }
            return (byte) best;
        }
    }

    public int size() {
        return size;
    }

    public int pixels() {
        return pixels;
    }

    void read(int patch, byte[] into, int at) {
        source.read(patch, into, at);
    }

    /** A copy of all labels, for few patches. */
    byte[] values() {
        byte[] values = new byte[Math.multiplyExact(size, pixels)];
        for (int patch = 0; patch < size; patch++) {
            read(patch, values, patch * pixels);
        }
        return values;
    }

    /** The majority label of each patch. */
    byte[] modes() {
        var majority = new MajorityVote();
        byte[] modes = new byte[size];
        byte[] patch = new byte[pixels];
        for (int i = 0; i < size; i++) {
            read(i, patch, 0);
            modes[i] = majority.of(patch, 0, pixels, 1);
        }
        return modes;
    }

    Confusion compare(PatchLabels predicted, Confusion into) {
        if (size != predicted.size || pixels != predicted.pixels) {
            throw new IllegalArgumentException(size + " patches of " + pixels + " pixels, but " + predicted.size
                    + " of " + predicted.pixels + " predicted");
        }
        byte[] truth = new byte[pixels];
        byte[] named = new byte[pixels];
        for (int patch = 0; patch < size; patch++) {
            read(patch, truth, 0);
            predicted.read(patch, named, 0);
            into.add(truth, named);
        }
        return into;
    }

    PatchLabels only(int[] patches) {
        return new PatchLabels((patch, into, at) -> read(patches[patch], into, at), patches.length, pixels);
    }

    PatchLabels and(PatchLabels others) {
        return new PatchLabels(
                (patch, into, at) -> {
                    if (patch < size) {
                        read(patch, into, at);
                    } else {
                        others.read(patch - size, into, at);
                    }
                },
                Math.addExact(size, others.size),
                pixels);
    }

    /** Every label of a patch for each pixel of the image whose patches start at {@code first}. */
    byte[] image(int first, int rows, int columns) {
        int side = (int) Math.round(Math.sqrt(pixels));
        byte[] image = new byte[rows * columns * pixels];
        byte[] labels = new byte[pixels];
        for (int patch = 0; patch < rows * columns; patch++) {
            read(first + patch, labels, 0);
            int top = patch / columns * side;
            int left = patch % columns * side;
            for (int y = 0; y < side; y++) {
                System.arraycopy(labels, y * side, image, (top + y) * columns * side + left, side);
            }
        }
        return image;
    }
}

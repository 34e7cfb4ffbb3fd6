package org.capi.eval.segment;

import java.util.Arrays;
import org.capi.eval.rows.StoredBytes;

/**
 * The labels of the pixels of patches: {@code [patches, pixels]}, the pixels of a patch row by row. There may be more of
 * them than an array holds; parts of a table are views of it.
 */
public final class PatchLabels {

    private final Source source;
    private final int size;
    private final int pixels;

    /** Where labels are. */
    @FunctionalInterface
    private interface Source {

        /** Copies the labels of one patch into an array, from a place on. */
        void read(int patch, byte[] into, int at);
    }

    private PatchLabels(Source source, int size, int pixels) {
        this.source = source;
        this.size = size;
        this.pixels = pixels;
    }

    /** Takes the array as it is. */
    public PatchLabels(byte[] values, int pixels) {
        this(
                (patch, into, at) -> System.arraycopy(values, patch * pixels, into, at, pixels),
                patches(values.length, pixels),
                pixels);
    }

    /** Takes stored bytes. */
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

    /** How many patches. */
    public int size() {
        return size;
    }

    /** How many pixels a patch has. */
    public int pixels() {
        return pixels;
    }

    /** Copies the labels of one patch into an array, from a place on. */
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

    /** The most frequent label of each patch, the smallest of equally frequent ones. */
    byte[] modes() {
        var mode = new Mode();
        byte[] modes = new byte[size];
        byte[] patch = new byte[pixels];
        for (int i = 0; i < size; i++) {
            read(i, patch, 0);
            modes[i] = mode.of(patch, 0, pixels, 1);
        }
        return modes;
    }

    /** Those patches alone. */
    PatchLabels only(int[] patches) {
        return new PatchLabels((patch, into, at) -> read(patches[patch], into, at), patches.length, pixels);
    }

    /** These and behind them others. */
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

    /** Every label of a patch for each pixel of the image whose patches begin at {@code first}. */
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

package org.capi.eval.segment;

import java.util.Arrays;

/** The labels of the pixels of patches: {@code [patches, pixels]}, the pixels of a patch row by row. */
public final class PatchLabels {

    private final byte[] values;
    private final int pixels;

    /** Takes the array as it is. */
    public PatchLabels(byte[] values, int pixels) {
        if (pixels < 1 || values.length % pixels != 0) {
            throw new IllegalArgumentException(values.length + " labels are no patches of " + pixels + " pixels");
        }
        this.values = values;
        this.pixels = pixels;
    }

    /** The same label for all pixels of a patch. */
    static PatchLabels even(byte[] ofPatches, int pixels) {
        byte[] values = new byte[Math.multiplyExact(ofPatches.length, pixels)];
        for (int patch = 0; patch < ofPatches.length; patch++) {
            Arrays.fill(values, patch * pixels, (patch + 1) * pixels, ofPatches[patch]);
        }
        return new PatchLabels(values, pixels);
    }

    /** How many patches. */
    public int size() {
        return values.length / pixels;
    }

    /** How many pixels a patch has. */
    public int pixels() {
        return pixels;
    }

    /** All labels; not a copy. */
    byte[] values() {
        return values;
    }

    /** The most frequent label of each patch, the smallest of equally frequent ones. */
    byte[] modes() {
        var mode = new Mode();
        byte[] modes = new byte[size()];
        for (int patch = 0; patch < modes.length; patch++) {
            modes[patch] = mode.of(values, patch * pixels, pixels, 1);
        }
        return modes;
    }

    /** Those patches alone. */
    PatchLabels only(int[] patches) {
        byte[] kept = new byte[patches.length * pixels];
        for (int i = 0; i < patches.length; i++) {
            System.arraycopy(values, patches[i] * pixels, kept, i * pixels, pixels);
        }
        return new PatchLabels(kept, pixels);
    }

    /** These and behind them others. */
    PatchLabels and(PatchLabels others) {
        byte[] joined = Arrays.copyOf(values, Math.addExact(values.length, others.values.length));
        System.arraycopy(others.values, 0, joined, values.length, others.values.length);
        return new PatchLabels(joined, pixels);
    }

    /** Every label of a patch for each pixel of the image whose patches begin at {@code first}. */
    byte[] image(int first, int rows, int columns) {
        int side = (int) Math.round(Math.sqrt(pixels));
        byte[] image = new byte[rows * columns * pixels];
        for (int patch = 0; patch < rows * columns; patch++) {
            int top = patch / columns * side;
            int left = patch % columns * side;
            for (int y = 0; y < side; y++) {
                int from = (first + patch) * pixels + y * side;
                System.arraycopy(values, from, image, (top + y) * columns * side + left, side);
            }
        }
        return image;
    }
}

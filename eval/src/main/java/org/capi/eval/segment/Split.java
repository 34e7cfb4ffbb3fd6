package org.capi.eval.segment;

import java.util.Arrays;
import org.capi.data.SeededDraws;

/** The patches of a tenth of the images, drawn by a seed, and those of the others. */
final class Split {

    private static final int SHARE = 10;

    private final int[] fitted;
    private final int[] heldOut;

    private Split(int[] fitted, int[] heldOut) {
        this.fitted = fitted;
        this.heldOut = heldOut;
    }

    /** Holds out whole images, {@code images / 10} of them. */
    static Split of(int images, int patchesOfEach, long seed) {
        if (images < SHARE) {
            throw new IllegalArgumentException("a tenth of the training images is held out to choose by; there must be"
                    + " at least " + SHARE + ", were " + images + " (with one setting to try none is held out)");
        }
        int[] order = new int[images];
        Arrays.setAll(order, i -> i);
        var draws = SeededDraws.of(seed, images);
        for (int i = images - 1; i > 0; i--) {
            int other = draws.below(i + 1);
            int swapped = order[i];
            order[i] = order[other];
            order[other] = swapped;
        }
        int held = images / SHARE;
        return new Split(
                patches(Arrays.copyOfRange(order, held, images), patchesOfEach),
                patches(Arrays.copyOf(order, held), patchesOfEach));
    }

    /** Rows of patches, in order. */
    int[] fitted() {
        return fitted;
    }

    int[] heldOut() {
        return heldOut;
    }

    private static int[] patches(int[] images, int ofEach) {
        Arrays.sort(images);
        int[] patches = new int[images.length * ofEach];
        Arrays.setAll(patches, i -> images[i / ofEach] * ofEach + i % ofEach);
        return patches;
    }
}

package org.capi.eval.segment;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.capi.data.CounterRandom;
import org.capi.eval.rows.FeatureRows;

/**
 * Patches with the labels of their pixels, image by image, each row by row.
 *
 * @param features {@code [patches, dim]}
 */
record Patches(FeatureRows features, PatchLabels labels) {

    private static final int SHARE_HELD_OUT = 10;

    Patches {
        if (features.size() != labels.size()) {
            throw new IllegalArgumentException(
                    features.size() + " rows of features, but labels for " + labels.size() + " patches");
        }
    }

    int size() {
        return labels.size();
    }

    Patches only(int[] patches) {
        return new Patches(features.only(patches), labels.only(patches));
    }

    Patches and(Patches others) {
        return new Patches(features.and(others.features), labels.and(others.labels));
    }

    /** The patches to fit a probe on: every so many-th, without those whose majority label is ignored. */
    Patches toFit(int every, Set<Integer> ignored) {
        var majority = new PatchLabels.MajorityVote();
        byte[] pixels = new byte[labels.pixels()];
        int[] kept = IntStream.rangeClosed(0, (size() - 1) / every)
                .map(i -> i * every)
                .filter(patch -> {
                    labels.read(patch, pixels, 0);
                    return !ignored.contains(Byte.toUnsignedInt(majority.of(pixels, 0, pixels.length, 1)));
                })
                .toArray();
        if (kept.length == 0) {
            throw new IllegalArgumentException(
                    "no patch is left to fit on: the most frequent label of each is among the ignored " + ignored);
        }
        return only(kept);
    }

    /** The patches of nine tenths of the images, and those of {@code images / 10} images drawn by a seed. */
    List<Patches> split(int patchesOfEach, long seed) {
        int images = size() / patchesOfEach;
        int[] order = shuffled(images, seed);
        int held = images / SHARE_HELD_OUT;
        return List.of(
                ofImages(Arrays.copyOfRange(order, held, images), patchesOfEach),
                ofImages(Arrays.copyOf(order, held), patchesOfEach));
    }

    private Patches ofImages(int[] images, int patchesOfEach) {
        Arrays.sort(images);
        int[] patches = new int[images.length * patchesOfEach];
        Arrays.setAll(patches, i -> images[i / patchesOfEach] * patchesOfEach + i % patchesOfEach);
        return only(patches);
    }

    /** The images in the order in which they are drawn to be held out. */
    static int[] shuffled(int images, long seed) {
        if (images < SHARE_HELD_OUT) {
            throw new IllegalArgumentException("a tenth of the training images is held out to choose by; there must be"
                    + " at least " + SHARE_HELD_OUT + ", were " + images
                    + " (with one setting to try none is held out)");
        }
        int[] order = IntStream.range(0, images).toArray();
        var random = CounterRandom.of(seed, images);
        for (int i = images - 1; i > 0; i--) {
            int other = random.below(i + 1);
            int swapped = order[i];
            order[i] = order[other];
            order[other] = swapped;
        }
        return order;
    }
}

package org.capi.eval.segment;

import java.util.Set;
import java.util.stream.IntStream;
import org.capi.eval.rows.FeatureRows;

/**
 * Patches with the labels of their pixels, image by image, each row by row.
 *
 * @param features {@code [patches, dim]}
 */
public record Patches(FeatureRows features, PatchLabels labels) {

    public Patches {
        if (features.size() != labels.size()) {
            throw new IllegalArgumentException(
                    features.size() + " rows of features, but labels for " + labels.size() + " patches");
        }
    }

    int size() {
        return labels.size();
    }

    /** What a probe is fitted on: every so many-th patch, less those whose most frequent label is ignored. */
    Patches toFit(int every, Set<Integer> ignored) {
        var mode = new Mode();
        byte[] pixels = new byte[labels.pixels()];
        int[] kept = IntStream.rangeClosed(0, (size() - 1) / every)
                .map(i -> i * every)
                .filter(patch -> {
                    labels.read(patch, pixels, 0);
                    return !ignored.contains(Byte.toUnsignedInt(mode.of(pixels, 0, pixels.length, 1)));
                })
                .toArray();
        if (kept.length == 0) {
            throw new IllegalArgumentException(
                    "no patch is left to fit on: the most frequent label of each is among the ignored " + ignored);
        }
        return only(kept);
    }

    /** Those patches alone. */
    Patches only(int[] patches) {
        return new Patches(features.only(patches), labels.only(patches));
    }

    /** These and behind them others. */
    Patches and(Patches others) {
        return new Patches(features.and(others.features), labels.and(others.labels));
    }
}

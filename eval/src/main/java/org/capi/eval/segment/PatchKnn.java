package org.capi.eval.segment;

import org.capi.eval.search.Nearest;

/**
 * The patch probe without training: every pixel of a patch gets the most frequent label that the pixels of its place have
 * in the nearest training patches, the smallest of equally frequent ones. Distances do not weigh.
 */
public final class PatchKnn {

    private PatchKnn() {}

    /** The labels of the queries' pixels by their first {@code k} neighbours. */
    public static PatchLabels vote(Nearest nearest, int k, PatchLabels labels) {
        int pixels = labels.pixels();
        byte[] voted = new byte[Math.multiplyExact(nearest.queries(), pixels)];
        byte[] of = new byte[Math.multiplyExact(k, pixels)];
        var mode = new Mode();
        for (int query = 0; query < nearest.queries(); query++) {
            for (int i = 0; i < k; i++) {
                labels.read(nearest.row(query, i), of, i * pixels);
            }
            for (int pixel = 0; pixel < pixels; pixel++) {
                voted[query * pixels + pixel] = mode.of(of, pixel, k, pixels);
            }
        }
        return new PatchLabels(voted, pixels);
    }
}

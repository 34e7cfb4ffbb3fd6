package org.capi.data.mask;

import java.util.Comparator;
import java.util.stream.IntStream;
import org.capi.data.Draws;

/** Turns an image's mask into positions in the flattened {@code [batch * tokens]} grid. */
public final class Collate {

    private Collate() {}

    /** The patches that are not masked, ascending; {@code first} is the position of the image's first patch. */
    public static long[] visible(boolean[] mask, long first) {
        return IntStream.range(0, mask.length)
                .filter(i -> !mask[i])
                .mapToLong(i -> first + i)
                .toArray();
    }

    /** Some of the masked patches: one draw for each, in ascending order of the draws, the first {@code predicted}. */
    public static long[] predicted(boolean[] mask, int predicted, long first, Draws draws) {
        int[] masked = IntStream.range(0, mask.length).filter(i -> mask[i]).toArray();
        double[] keys = new double[masked.length];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = draws.uniform(0, 1);
        }
        return IntStream.range(0, keys.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> keys[i]))
                .limit(predicted)
                .mapToLong(i -> first + masked[i])
                .toArray();
    }
}

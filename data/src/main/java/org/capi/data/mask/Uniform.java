package org.capi.data.mask;

import org.capi.data.Draws;

/** Every set of patches of the right size is as likely as any other. */
public record Uniform() implements MaskGenerator {

    @Override
    public boolean[] draw(int rows, int columns, int masked, Draws draws) {
        check(rows, columns, masked);
        boolean[] mask = new boolean[rows * columns];
        int missing = masked;
        for (int i = 0; i < mask.length; i++) {
            if (draws.below(mask.length - i) < missing) {
                mask[i] = true;
                missing--;
            }
        }
        return mask;
    }

    @Override
    public void check(int rows, int columns, int masked) {
        Block.checkCount("uniform", rows, columns, masked);
    }
}

package org.capi.data.mask;

import org.capi.data.Draws;

/** Decides which patches of a grid are masked. */
public sealed interface MaskGenerator permits Uniform, Block, InverseBlock {

    /**
     * Draws a mask.
     *
     * @return true where a patch is masked, row by row; exactly {@code masked} are
     */
    boolean[] draw(int rows, int columns, int masked, Draws draws);

    /** Refuses, with the reason, a grid and a count for which no mask can be drawn. */
    void check(int rows, int columns, int masked);
}

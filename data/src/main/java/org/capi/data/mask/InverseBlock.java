package org.capi.data.mask;

import org.capi.data.Draws;

/**
 * Leaves one rectangle visible and masks the rest.
 *
 * @param minAspect the least height / width of the visible rectangle; the largest is its inverse
 * @param edges whether the rectangle stays inside the grid or is rolled around its edges
 */
public record InverseBlock(double minAspect, Edges edges) implements MaskGenerator {

    public InverseBlock {
        new Block(minAspect, edges);
    }

    @Override
    public boolean[] draw(int rows, int columns, int masked, Draws draws) {
        check(rows, columns, masked);
        boolean[] mask = new Block(minAspect, edges).draw(rows, columns, rows * columns - masked, draws);
        for (int i = 0; i < mask.length; i++) {
            mask[i] = !mask[i];
        }
        return mask;
    }

    @Override
    public void check(int rows, int columns, int masked) {
        if (masked < 1 || masked >= rows * columns) {
            throw new IllegalArgumentException("mask inverse_block: between 1 and " + (rows * columns - 1)
                    + " patches of a " + rows + " x " + columns + " grid can be masked, not " + masked);
        }
        new Block(minAspect, edges).checkRectangle("inverse_block", rows, columns, rows * columns - masked);
    }
}

package org.capi.data.mask;

import org.capi.data.Draws;

/**
 * Masks one rectangle of a random aspect and place.
 *
 * <p>With n cells, the aspect a = height / width is log-uniform, height = ceil(sqrt(n a)), width = ceil(sqrt(n / a)); of
 * the rectangle only the first n cells in row-major order are masked.
 *
 * @param minAspect the least aspect; the largest is its inverse
 * @param edges whether the rectangle stays inside the grid or is rolled around its edges
 */
public record Block(double minAspect, Edges edges) implements MaskGenerator {

    public Block {
        if (!(minAspect > 0 && minAspect <= 1)) {
            throw new IllegalArgumentException("min_aspect must be above 0 and at most 1, was " + minAspect);
        }
    }

    @Override
    public boolean[] draw(int rows, int columns, int masked, Draws draws) {
        check(rows, columns, masked);
        boolean[] mask = new boolean[rows * columns];
        if (masked == 0) {
            return mask;
        }
        double aspect = StrictMath.exp(draws.uniform(minLogAspect(columns, masked), maxLogAspect(rows, masked)));
        int height = Math.min(rows, (int) Math.ceil(Math.sqrt(masked * aspect)));
        int width = Math.min(columns, (int) Math.ceil(Math.sqrt(masked / aspect)));
        int top = draws.below(rows - height + 1);
        int left = draws.below(columns - width + 1);
        int down = edges == Edges.ROLLED ? draws.below(rows) : 0;
        int right = edges == Edges.ROLLED ? draws.below(columns) : 0;
        for (int cell = 0; cell < masked; cell++) {
            int row = (top + cell / width + down) % rows;
            int column = (left + cell % width + right) % columns;
            mask[row * columns + column] = true;
        }
        return mask;
    }

    @Override
    public void check(int rows, int columns, int masked) {
        checkCount("block", rows, columns, masked);
        if (masked > 0) {
            checkRectangle("block", rows, columns, masked);
        }
    }

    void checkRectangle(String mask, int rows, int columns, int cells) {
        if (minLogAspect(columns, cells) > maxLogAspect(rows, cells)) {
            throw new IllegalArgumentException(
                    "mask " + mask + ": no rectangle of " + cells + " patches with an aspect of " + minAspect + " to "
                            + 1 / minAspect + " fits into the grid of " + rows + " x " + columns);
        }
    }

    static void checkCount(String mask, int rows, int columns, int masked) {
        if (masked < 0 || masked >= rows * columns) {
            throw new IllegalArgumentException("mask " + mask + ": between 0 and " + (rows * columns - 1)
                    + " patches of a " + rows + " x " + columns + " grid can be masked, not " + masked);
        }
    }

    private double minLogAspect(int columns, int cells) {
        return Math.max(StrictMath.log(minAspect), StrictMath.log(cells / ((double) columns * columns)));
    }

    private double maxLogAspect(int rows, int cells) {
        return Math.min(StrictMath.log(1 / minAspect), StrictMath.log((double) rows * rows / (cells + 1e-5)));
    }
}

package org.capi.data.mask;

import java.util.Comparator;
import java.util.stream.IntStream;
import org.capi.data.CounterRandom;

/** Draws which patches of a grid are masked. */
public sealed interface MaskGenerator {

    /**
     * Draws a mask.
     *
     * @return true where a patch is masked, row by row; exactly {@code masked} are
     */
    boolean[] draw(int rows, int columns, int masked, CounterRandom random);

    /** Refuses, with the reason, a grid and a count for which no mask can be drawn. */
    void check(int rows, int columns, int masked);

    /** What a rectangle does at the edges of the grid. */
    enum Edges {
        INSIDE,
        /** It is shifted by random rows and columns, and wraps around. */
        ROLLED
    }

    /** Every set of {@code masked} patches is equally likely. */
    record UniformMask() implements MaskGenerator {

        @Override
        public boolean[] draw(int rows, int columns, int masked, CounterRandom random) {
            check(rows, columns, masked);
            boolean[] mask = new boolean[rows * columns];
            int missing = masked;
            for (int i = 0; i < mask.length; i++) {
                if (random.below(mask.length - i) < missing) {
                    mask[i] = true;
                    missing--;
                }
            }
            return mask;
        }

        @Override
        public void check(int rows, int columns, int masked) {
            checkCount("uniform", 0, rows, columns, masked);
        }
    }

    /**
     * Masks one rectangle of a random aspect and position.
     *
     * <p>With n cells, the aspect a = height / width is log-uniform, height = ceil(sqrt(n a)), width = ceil(sqrt(n /
     * a)); of the rectangle only the first n cells in row-major order are masked.
     *
     * @param minAspect the smallest aspect; the largest is its inverse
     */
    record BlockMask(double minAspect, Edges edges) implements MaskGenerator {

        public BlockMask {
            if (!(minAspect > 0 && minAspect <= 1)) {
                throw new IllegalArgumentException("min_aspect must be above 0 and at most 1, was " + minAspect);
            }
        }

        @Override
        public boolean[] draw(int rows, int columns, int masked, CounterRandom random) {
            check(rows, columns, masked);
            boolean[] mask = new boolean[rows * columns];
            if (masked == 0) {
                return mask;
            }
            double aspect = StrictMath.exp(random.uniform(minLogAspect(columns, masked), maxLogAspect(rows, masked)));
            int height = Math.min(rows, (int) Math.ceil(Math.sqrt(masked * aspect)));
            int width = Math.min(columns, (int) Math.ceil(Math.sqrt(masked / aspect)));
            int top = random.below(rows - height + 1);
            int left = random.below(columns - width + 1);
            int down = edges == Edges.ROLLED ? random.below(rows) : 0;
            int right = edges == Edges.ROLLED ? random.below(columns) : 0;
            for (int cell = 0; cell < masked; cell++) {
                int row = (top + cell / width + down) % rows;
                int column = (left + cell % width + right) % columns;
                mask[row * columns + column] = true;
            }
            return mask;
        }

        @Override
        public void check(int rows, int columns, int masked) {
            checkCount("block", 0, rows, columns, masked);
            if (masked > 0) {
                checkRectangle("block", rows, columns, masked);
            }
        }

        private void checkRectangle(String mask, int rows, int columns, int cells) {
            if (minLogAspect(columns, cells) > maxLogAspect(rows, cells)) {
                throw new IllegalArgumentException(
                        "mask " + mask + ": no rectangle of " + cells + " patches with an aspect of " + minAspect
                                + " to " + 1 / minAspect + " fits into the grid of " + rows + " x " + columns);
            }
        }

        private double minLogAspect(int columns, int cells) {
            return Math.max(StrictMath.log(minAspect), StrictMath.log(cells / ((double) columns * columns)));
        }

        private double maxLogAspect(int rows, int cells) {
            return Math.min(StrictMath.log(1 / minAspect), StrictMath.log((double) rows * rows / (cells + 1e-5)));
        }
    }

    /** Leaves one rectangle visible, drawn as by {@link BlockMask}, and masks the rest. */
    record InverseBlockMask(double minAspect, Edges edges) implements MaskGenerator {

        public InverseBlockMask {
            new BlockMask(minAspect, edges);
        }

        @Override
        public boolean[] draw(int rows, int columns, int masked, CounterRandom random) {
            check(rows, columns, masked);
            boolean[] mask = new BlockMask(minAspect, edges).draw(rows, columns, rows * columns - masked, random);
            for (int i = 0; i < mask.length; i++) {
                mask[i] = !mask[i];
            }
            return mask;
        }

        @Override
        public void check(int rows, int columns, int masked) {
            checkCount("inverse_block", 1, rows, columns, masked);
            new BlockMask(minAspect, edges).checkRectangle("inverse_block", rows, columns, rows * columns - masked);
        }
    }

    private static void checkCount(String mask, int min, int rows, int columns, int masked) {
        if (masked < min || masked >= rows * columns) {
            throw new IllegalArgumentException("mask " + mask + ": between " + min + " and " + (rows * columns - 1)
                    + " patches of a " + rows + " x " + columns + " grid can be masked, not " + masked);
        }
    }

    /** The patches that are not masked, ascending; {@code first} is the position of the image's first patch. */
    static long[] visible(boolean[] mask, long first) {
        return IntStream.range(0, mask.length)
                .filter(i -> !mask[i])
                .mapToLong(i -> first + i)
                .toArray();
    }

    /** Some of the masked patches: one draw for each, in ascending order of the draws, the first {@code predicted}. */
    static long[] predicted(boolean[] mask, int predicted, long first, CounterRandom random) {
        int[] masked = IntStream.range(0, mask.length).filter(i -> mask[i]).toArray();
        double[] keys = new double[masked.length];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = random.uniform(0, 1);
        }
        return IntStream.range(0, keys.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> keys[i]))
                .limit(predicted)
                .mapToLong(i -> first + masked[i])
                .toArray();
    }

    /**
     * How many patches of every image are masked and how many of those are predicted.
     *
     * @param tokens the patches of an image
     */
    record MaskCounts(int tokens, int masked, int predicted) {

        /** Products in double arithmetic, truncated. */
        public static MaskCounts of(int tokens, double maskRatio, double predictionSubsampling) {
            int masked = (int) (tokens * maskRatio);
            return new MaskCounts(tokens, masked, (int) (masked * predictionSubsampling));
        }

        /** As {@link #of}, but refuses counts that leave nothing visible or nothing to predict. */
        public static MaskCounts forTraining(int tokens, double maskRatio, double predictionSubsampling) {
            if (!(maskRatio > 0 && maskRatio < 1)) {
                throw new IllegalArgumentException("mask_ratio must be above 0 and below 1, was " + maskRatio);
            }
            if (!(predictionSubsampling > 0 && predictionSubsampling <= 1)) {
                throw new IllegalArgumentException(
                        "prediction_subsampling must be above 0 and at most 1, was " + predictionSubsampling);
            }
            MaskCounts counts = of(tokens, maskRatio, predictionSubsampling);
            if (counts.predicted < 1) {
                throw new IllegalArgumentException("mask_ratio " + maskRatio + " and prediction_subsampling "
                        + predictionSubsampling + " leave no patch to predict: of " + tokens + " patches "
                        + counts.masked + " are masked and " + counts.predicted + " of those predicted");
            }
            return counts;
        }

        public int visible() {
            return tokens - masked;
        }
    }
}

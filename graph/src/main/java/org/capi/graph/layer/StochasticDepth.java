package org.capi.graph.layer;

import java.util.Arrays;
import java.util.function.DoubleSupplier;
import org.capi.graph.Tensors;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.index.Indices;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;

/**
 * What becomes of a residual branch in training (stochastic depth, Huang et al. 2016). Which images keep a branch is
 * drawn outside of the graph: random numbers within it would make a GPU wait for the host at every residual.
 */
public sealed interface StochasticDepth {

    /** Every branch is added to every image: evaluation, and training at rate 0. */
    StochasticDepth NONE = new None();

    /**
     * {@code x + branch(x)} for the images that keep the branch, scaled; {@code x} for the others.
     *
     * @param residual the path of this residual, by which its draws differ from all others
     * @param x {@code [batch, tokens, dim]}
     */
    <T extends TFloating> Operand<T> add(Ops tf, String residual, Operand<T> x, Branch<T> branch);

    /** The branch, which takes whatever it needs of the batch through {@code images}. */
    @FunctionalInterface
    interface Branch<T extends TFloating> {
        /** {@code [kept, tokens, dim]}, for the images that {@code images} picks. */
        Operand<T> of(KeptImages images);
    }

    /** Picks images of a batch. */
    @FunctionalInterface
    interface KeptImages {
        /** {@code [batch, a, b] -> [kept, a, b]}. */
        <U extends TFloating> Operand<U> of(Operand<U> batch);
    }

    /** Where the draws of a residual come from. */
    @FunctionalInterface
    interface Draws {
        /** The row of a residual as {@link Efficient} and {@link Naive} read it, new for each residual and step. */
        Operand<TInt64> row(Ops tf, String residual);

        /**
         * 1 for each image that keeps the branch and 0 for the others {@code [batch]}.
         *
         * @param positions the last part of the row
         */
        default Operand<TFloat32> keeps(Ops tf, String residual, Operand<TInt64> positions) {
            return Efficient.keeps(tf, positions);
        }
    }

    /** No image drops a branch. */
    record None() implements StochasticDepth {
        @Override
        public <T extends TFloating> Operand<T> add(Ops tf, String residual, Operand<T> x, Branch<T> branch) {
            return tf.math.add(x, branch.of(StochasticDepth::all));
        }
    }

    /**
     * The branch is computed for a random subset of the batch only, of {@code max(trunc(batch·(1 - rate)), 1)} images,
     * and multiplied by batch / kept. A row has the kept images, then for each image of the batch where it is among
     * them, or -1: {@code [kept + batch]}.
     */
    record Efficient(double rate, Draws draws) implements StochasticDepth {
        /** Checks the rate. */
        public Efficient {
            checkRate(rate);
        }

        /** How many images of a batch keep a branch. */
        public static int kept(int batch, double rate) {
            return Math.max((int) (batch * (1 - rate)), 1);
        }

        /** The row of given kept images. */
        public static long[] row(long[] kept, int batch) {
            long[] row = Arrays.copyOf(kept, kept.length + batch);
            Arrays.fill(row, kept.length, row.length, -1);
            for (int i = 0; i < kept.length; i++) {
                row[kept.length + Math.toIntExact(kept[i])] = i;
            }
            return row;
        }

        /** A random row; every subset is equally likely. */
        public static long[] row(int batch, double rate, DoubleSupplier uniform) {
            int kept = kept(batch, rate);
            long[] images = new long[kept];
            int count = 0;
            for (int image = 0; image < batch; image++) { // selection sampling, Knuth's Algorithm S
                if (uniform.getAsDouble() * (batch - image) < kept - count) {
                    images[count++] = image;
                }
            }
            return row(images, batch);
        }

        /** 1 for positions of kept images, and 0 for -1. */
        public static Operand<TFloat32> keeps(Ops tf, Operand<TInt64> positions) {
            return tf.dtypes.cast(tf.math.greaterEqual(positions, tf.constant(0L)), TFloat32.class);
        }

        @Override
        public <T extends TFloating> Operand<T> add(Ops tf, String residual, Operand<T> x, Branch<T> branch) {
            int batch = Math.toIntExact(x.shape().get(0));
            int kept = kept(batch, rate);
            if (kept == batch) {
                return NONE.add(tf, residual, x, branch);
            }
            var row = draws.row(tf, residual);
            Operand<TInt64> images = tf.stridedSlice(row, Indices.sliceTo(kept));
            Operand<TInt64> positions = tf.stridedSlice(row, Indices.sliceFrom(kept));
            var keeps = tf.reshape(draws.keeps(tf, residual, positions), tf.constant(new int[] {batch, 1, 1}));
            Operand<TInt64> safePositions = tf.math.maximum(positions, tf.constant(0L)); // dropped images read any row
            Operand<T> y = branch.of(new KeptImages() {
                @Override
                public <U extends TFloating> Operand<U> of(Operand<U> all) {
                    return RowGather.partly(tf, all, images, safePositions, Tensors.cast(tf, keeps, all.type()));
                }
            });
            var scale = Tensors.cast(tf, tf.constant((float) batch / kept), x.type());
            var perImage = tf.math.mul(Tensors.cast(tf, keeps, x.type()), scale);
            return tf.math.add(x, tf.math.mul(RowGather.all(tf, y, safePositions, images), perImage));
        }
    }

    /**
     * Each image keeps the branch with probability 1 - rate, by which it is divided. A row has 1 for each image that
     * keeps it and 0 for the others: {@code [batch]}.
     */
    record Naive(double rate, Draws draws) implements StochasticDepth {
        /** Checks the rate. */
        public Naive {
            checkRate(rate);
        }

        /** A random row. */
        public static long[] row(int batch, double rate, DoubleSupplier uniform) {
            long[] row = new long[batch];
            Arrays.setAll(row, image -> uniform.getAsDouble() < 1 - rate ? 1 : 0);
            return row;
        }

        @Override
        public <T extends TFloating> Operand<T> add(Ops tf, String residual, Operand<T> x, Branch<T> branch) {
            int batch = Math.toIntExact(x.shape().get(0));
            var keep = tf.dtypes.cast(draws.row(tf, residual), x.type());
            var scale = tf.math.mul(keep, Tensors.cast(tf, tf.constant((float) (1 / (1 - rate))), x.type()));
            var perImage = tf.reshape(scale, tf.constant(new int[] {batch, 1, 1}));
            return tf.math.add(x, tf.math.mul(branch.of(StochasticDepth::all), perImage));
        }
    }

    private static <U extends TFloating> Operand<U> all(Operand<U> batch) {
        return batch;
    }

    private static void checkRate(double rate) {
        if (!(rate >= 0 && rate < 1)) {
            throw new IllegalArgumentException("the rate of stochastic depth must be in [0, 1), was " + rate);
        }
    }
}

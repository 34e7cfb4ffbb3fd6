package org.capi.graph.layer;

import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.nn.TopK;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;

/** What becomes of a residual branch in training (stochastic depth, Huang et al. 2016). */
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
        Operand<T> of(Images images);
    }

    /** Picks images of a batch. */
    @FunctionalInterface
    interface Images {
        /** {@code [batch, ...] -> [kept, ...]}. */
        <U extends TFloating> Operand<U> of(Operand<U> batch);
    }

    /** Where the random numbers come from. */
    @FunctionalInterface
    interface Draws {
        /** Uniform numbers in [0, 1), {@code [batch]}, new for each residual and step. */
        Operand<TFloat32> uniform(Ops tf, String residual, int batch);
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
     * and multiplied by batch / kept.
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

        @Override
        public <T extends TFloating> Operand<T> add(Ops tf, String residual, Operand<T> x, Branch<T> branch) {
            int batch = Math.toIntExact(x.shape().get(0));
            int kept = kept(batch, rate);
            // The order of the draws is a random permutation; its first rows keep the branch.
            var descending = tf.math.neg(draws.uniform(tf, residual, batch));
            Operand<TInt32> order = largest(tf, descending, batch);
            Operand<TInt32> first = largest(tf, descending, kept);
            Operand<T> y = branch.of(new Images() {
                @Override
                public <U extends TFloating> Operand<U> of(Operand<U> all) {
                    return tf.gather(all, first, tf.constant(0));
                }
            });
            var scaled = tf.math.mul(y, tf.dtypes.cast(tf.constant((float) batch / kept), x.type()));
            if (kept == batch) {
                return tf.math.add(x, tf.gather(scaled, inverse(tf, order, batch), tf.constant(0)));
            }
            var sizes = tf.constant(
                    new long[] {batch - kept, x.shape().get(1), x.shape().get(2)});
            // Not tf.zeros: it reads the name of every op of the graph.
            var dropped = tf.fill(sizes, tf.dtypes.cast(tf.constant(0f), x.type()));
            // A gather by the inverse permutation puts the rows back: a scatter has no gradient here.
            var padded = tf.concat(List.of(scaled, dropped), tf.constant(0));
            return tf.math.add(x, tf.gather(padded, inverse(tf, order, batch), tf.constant(0)));
        }

        private static Operand<TInt32> largest(Ops tf, Operand<TFloat32> x, int k) {
            return tf.nn.topK(x, tf.constant(k), new TopK.Options[0]).indices();
        }

        private static Operand<TInt32> inverse(Ops tf, Operand<TInt32> permutation, int batch) {
            return largest(tf, tf.math.neg(tf.dtypes.cast(permutation, TFloat32.class)), batch);
        }
    }

    /** Each image keeps the branch with probability 1 - rate, by which it is divided. */
    record Naive(double rate, Draws draws) implements StochasticDepth {
        /** Checks the rate. */
        public Naive {
            checkRate(rate);
        }

        @Override
        public <T extends TFloating> Operand<T> add(Ops tf, String residual, Operand<T> x, Branch<T> branch) {
            int batch = Math.toIntExact(x.shape().get(0));
            var keep = tf.math.less(draws.uniform(tf, residual, batch), tf.constant((float) (1 - rate)));
            var scale = tf.math.mul(tf.dtypes.cast(keep, TFloat32.class), tf.constant((float) (1 / (1 - rate))));
            var perImage = tf.reshape(tf.dtypes.cast(scale, x.type()), tf.constant(new int[] {batch, 1, 1}));
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

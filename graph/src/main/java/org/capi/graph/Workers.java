package org.capi.graph;

import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TNumber;

/**
 * All processes that train one model together, as the step graph sees them: what has to be summed or compared over the
 * whole batch goes through here. Each worker holds an equal part of the batch, in the order of their ranks.
 */
public interface Workers {

    /** One process that holds the whole batch. */
    Workers ALONE = new Workers() {
        @Override
        public <T extends TNumber> Operand<T> sum(Ops tf, Operand<T> x) {
            return x;
        }

        @Override
        public <T extends TNumber> Operand<T> max(Ops tf, Operand<T> x) {
            return x;
        }

        @Override
        public Operand<TFloat32> sumOfGradients(Ops tf, Operand<TFloat32> bucket) {
            return bucket;
        }

        @Override
        public int count() {
            return 1;
        }

        @Override
        public int rank() {
            return 0;
        }
    };

    /** The elementwise sum over all workers. */
    <T extends TNumber> Operand<T> sum(Ops tf, Operand<T> x);

    /** The elementwise maximum over all workers. */
    <T extends TNumber> Operand<T> max(Ops tf, Operand<T> x);

    /** The sum of gradients, which may be rounded to fewer bits on their way. */
    Operand<TFloat32> sumOfGradients(Ops tf, Operand<TFloat32> bucket);

    /** How many workers there are. */
    int count();

    /** The number of this worker, from 0. */
    int rank();
}

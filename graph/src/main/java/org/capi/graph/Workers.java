package org.capi.graph;

import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * All processes that train one model together, as the step graph sees them: what has to be summed or compared over the
 * whole batch goes through here.
 */
public interface Workers {

    /** One process that holds the whole batch. */
    Workers ALONE = new Workers() {
        @Override
        public Operand<TFloat32> sum(Ops tf, Operand<TFloat32> x) {
            return x;
        }

        @Override
        public Operand<TFloat32> max(Ops tf, Operand<TFloat32> x) {
            return x;
        }

        @Override
        public int count() {
            return 1;
        }
    };

    /** The elementwise sum over all workers. */
    Operand<TFloat32> sum(Ops tf, Operand<TFloat32> x);

    /** The elementwise maximum over all workers. */
    Operand<TFloat32> max(Ops tf, Operand<TFloat32> x);

    /** How many workers there are. */
    int count();
}

package org.capi.eval.probe;

import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/** Classifiers of one kind over the same features, one for each place of the grid, computed together. */
sealed interface Heads permits LinearHeads, AttentiveHeads {

    /** Features to {@code [heads, batch, classes]}. */
    Operand<TFloat32> logits(Ops tf, Operand<TFloat32> features);
}

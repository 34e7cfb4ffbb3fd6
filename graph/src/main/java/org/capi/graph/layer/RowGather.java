package org.capi.graph.layer;

import java.util.List;
import org.capi.graph.Tensors;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;

/**
 * A gather of rows whose gradient is a gather as well, by the inverse indices. That of {@code GatherV2} is a sum into
 * segments, which writes more and whose order on a GPU is not fixed.
 *
 * <p>The op is {@code Gather}, which has no gradient of TensorFlow's own. Its indices come through an {@code IdentityN}
 * that brings the inverse indices along, and what the gradient is multiplied by.
 */
final class RowGather {

    private static final String OP = "Gather";

    static {
        Tensors.registerGradient(OP, RowGather::gradient);
    }

    private RowGather() {}

    /**
     * Rows of which none is taken twice, and some not at all.
     *
     * @param inverse for each row of {@code x} its position in the result; anything for those that are not taken
     * @param taken 1 for each row of {@code x} that is taken and 0 for the others, with as many axes as {@code x}
     */
    static <T extends TFloating> Operand<T> partly(
            Ops tf, Operand<T> x, Operand<TInt64> indices, Operand<TInt64> inverse, Operand<T> taken) {
        return gather(
                tf, x, tf.identityN(List.of(indices, inverse, taken)).output().get(0));
    }

    /**
     * Rows of which each is taken at least once.
     *
     * @param inverse for each row of {@code x} one of its positions in the result; the others must not count, that is
     *     be multiplied by 0
     */
    static <T extends TFloating> Operand<T> all(
            Ops tf, Operand<T> x, Operand<TInt64> indices, Operand<TInt64> inverse) {
        return gather(tf, x, tf.identityN(List.of(indices, inverse)).output().get(0));
    }

    private static <T extends TFloating> Operand<T> gather(Ops tf, Operand<T> x, Operand<?> indices) {
        return tf.scope()
                .opBuilder(OP, OP)
                .addInput(x.asOutput())
                .addInput(indices.asOutput())
                .build()
                .output(0);
    }

    /** The graph is locked here: an operand's shape cannot be read. */
    @SuppressWarnings("unchecked")
    private static List<Operand<?>> gradient(Ops tf, GraphOperation gather, List<Output<?>> upstream) {
        Output<?> indices = gather.input(1);
        var row = (GraphOperation) indices.op();
        Operand<TFloating> gathered = gather(tf, (Output<TFloating>) upstream.get(0), row.output(1));
        var gradient = row.numOutputs() == 2 ? gathered : tf.math.mul(gathered, row.<TFloating>output(2));
        return List.of(gradient, indices); // nothing takes a gradient of indices
    }
}

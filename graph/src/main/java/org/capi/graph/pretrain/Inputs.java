package org.capi.graph.pretrain;

import org.capi.graph.pretrain.StepConfig.BatchShape;
import org.capi.graph.vit.PatchEmbedding;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TUint8;

/**
 * What a step is fed with.
 *
 * @param images grey levels {@code [batch, height, width, 3]}
 * @param normalized the same behind the normalisation; a test may feed it instead
 * @param visible positions of visible patches in the grid of the whole batch {@code [batch · visible]}
 * @param predicted positions to predict, likewise {@code [batch · predicted]}
 * @param step the step's number, from 0
 * @param drops which images drop which residual branches, see {@link Drops}
 * @param rates learning rate, learning rate of the clustering head, weight decay, weight decay of the clustering head,
 *     momentum: {@code [5]}
 */
public record Inputs(
        Operand<TUint8> images,
        Operand<TFloat32> normalized,
        Operand<TInt64> visible,
        Operand<TInt64> predicted,
        Operand<TInt64> step,
        Operand<TInt64> drops,
        Operand<TFloat64> rates) {

    /** How many numbers {@code rates} has. */
    public static final int RATES = 5;

    static Inputs create(Ops tf, BatchShape batch, Drops drops) {
        var images = tf.withName("images")
                .placeholder(
                        TUint8.class, Placeholder.shape(Shape.of(batch.images(), batch.height(), batch.width(), 3)));
        return new Inputs(
                images,
                PatchEmbedding.normalizeBytes(tf, images),
                positions(tf, "visible", batch.images() * batch.visible()),
                positions(tf, "predicted", batch.images() * batch.predicted()),
                tf.withName("step").placeholder(TInt64.class, Placeholder.shape(Shape.scalar())),
                tf.withName("drops").placeholder(TInt64.class, Placeholder.shape(drops.shape())),
                tf.withName("rates").placeholder(TFloat64.class, Placeholder.shape(Shape.of(RATES))));
    }

    private static Operand<TInt64> positions(Ops tf, String name, int count) {
        return tf.withName(name).placeholder(TInt64.class, Placeholder.shape(Shape.of(count)));
    }
}

package org.capi.graph.clustering;

import org.capi.graph.Cast;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/** A teacher's head that is the moving average of the student's, as in DINO and iBOT: it is not trained by itself. */
public record AveragedHead<T extends TFloating>(PrototypeHead<T> head, ClusteringConfig config)
        implements AssigningHead<T> {

    @Override
    public Operand<TFloat32> logits(Ops tf, Operand<T> features) {
        long dim = features.shape().get(-1);
        var rows = tf.reshape(features, tf.constant(new long[] {-1, dim}));
        Operand<TFloat32> logits = Cast.to(tf, head.apply(tf, rows), TFloat32.class);
        return tf.reshape(logits, tf.constant(shape(features)));
    }

    @Override
    public @Nullable Operand<TFloat32> loss(Ops tf, Operand<TFloat32> assignments, Operand<TFloat32> logits) {
        return null;
    }

    private long[] shape(Operand<T> features) {
        long[] shape = features.shape().asArray();
        shape[shape.length - 1] = config.prototypes();
        return shape;
    }
}

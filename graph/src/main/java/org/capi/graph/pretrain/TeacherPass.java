package org.capi.graph.pretrain;

import java.util.ArrayList;
import java.util.List;
import org.capi.graph.Order;
import org.capi.graph.vit.Encoder;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/** A teacher's pass over whole images, a micro-batch at a time. */
record TeacherPass<T extends TFloating>(Encoder<T> teacher, int microBatches) implements TargetFeatures<T> {

    @Override
    public Operand<T> apply(Ops tf, Operand<TFloat32> images) {
        List<Operand<T>> features = new ArrayList<>();
        for (int i = 0; i < microBatches; i++) {
            var part = microBatches == 1 ? images : Sample.part(tf, images, i, microBatches);
            var next = features.isEmpty() ? part : Order.after(tf, part, features);
            var patches = teacher.encode(tf, next); // [batch, positions, dim]
            features.add(tf.linalg.transpose(patches, tf.constant(new int[] {1, 0, 2})));
        }
        return microBatches == 1 ? features.get(0) : tf.concat(features, tf.constant(1));
    }
}

package org.capi.graph.pretrain;

import java.util.ArrayList;
import java.util.List;
import org.capi.graph.Tensors;
import org.capi.graph.vit.Encoder;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.index.Indices;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/**
 * A teacher's pass over whole images, a micro-batch at a time.
 *
 * @param lanes in how many parts, side by side, it sees a micro-batch
 */
record TeacherPass<T extends TFloating>(Encoder<T> teacher, int microBatches, int lanes) implements TargetFeatures<T> {

    @Override
    public Described<T> apply(Ops tf, Operand<TFloat32> images) {
        List<Operand<T>> features = new ArrayList<>();
        List<Operand<T>> halfway = new ArrayList<>();
        for (int i = 0; i < microBatches; i++) {
            var part = microBatches == 1 ? images : Sample.part(tf, images, i, microBatches);
            var next = features.isEmpty() ? part : Tensors.after(tf, part, features);
            for (Operand<TFloat32> lane : lanes(tf, next)) {
                var states = teacher.states(tf, lane);
                halfway.add(states.get(states.size() / 2));
                var patches = teacher.patches(tf, states); // [images, positions, dim]
                features.add(tf.linalg.transpose(patches, tf.constant(new int[] {1, 0, 2})));
            }
        }
        return new Described<>(features.size() == 1 ? features.get(0) : tf.concat(features, tf.constant(1)), halfway);
    }

    /** The images of each lane; none are left for some where there are more lanes than images. */
    private List<Operand<TFloat32>> lanes(Ops tf, Operand<TFloat32> images) {
        if (lanes == 1) {
            return List.of(images);
        }
        long batch = images.shape().get(0);
        List<Operand<TFloat32>> parts = new ArrayList<>();
        for (long lane = 0; lane < lanes; lane++) {
            long first = batch * lane / lanes;
            long next = batch * (lane + 1) / lanes;
            if (first < next) {
                parts.add(tf.stridedSlice(images, Indices.slice(first, next)));
            }
        }
        return parts;
    }
}

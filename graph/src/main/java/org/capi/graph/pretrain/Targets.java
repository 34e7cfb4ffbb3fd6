package org.capi.graph.pretrain;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * What the teacher's side makes of a batch.
 *
 * @param rows targets at the predicted positions {@code [batch · predicted, width]}, without gradient
 * @param loss that the teacher's head is trained by, a scalar; null if it is not trained
 * @param gradients of that loss, one for each parameter of the head
 * @param masses the sums of the assignments over the batch {@code [positions, prototypes]}, in consecutive chunks of
 *     positions; empty if nothing is assigned
 */
record Targets(
        Operand<TFloat32> rows,
        @Nullable Operand<TFloat32> loss,
        List<Operand<TFloat32>> gradients,
        List<Operand<TFloat32>> masses) {

    /** Targets that are no assignments. */
    static Targets direct(Operand<TFloat32> rows) {
        return new Targets(rows, null, List.of(), List.of());
    }

    /** The sums of the assignments over the batch {@code [positions, prototypes]}. */
    Operand<TFloat32> mass(Ops tf) {
        return masses.size() == 1 ? masses.get(0) : tf.concat(masses, tf.constant(0));
    }

    /** Everything that has to be there before memory is taken for the next chunk. */
    List<Operand<TFloat32>> all() {
        List<Operand<TFloat32>> all = new ArrayList<>(gradients);
        all.addAll(masses);
        all.add(rows);
        return all;
    }

    /** What has to be there before memory is taken for the student. */
    List<Operand<TFloat32>> last() {
        return gradients.isEmpty() ? List.of(rows) : gradients;
    }

    /** Of two chunks of positions together. */
    Targets plus(Ops tf, Targets next) {
        return new Targets(
                tf.math.add(rows, next.rows),
                loss == null || next.loss == null ? null : tf.math.add(loss, next.loss),
                Gradient.sum(tf, gradients, next.gradients),
                Stream.concat(masses.stream(), next.masses.stream()).toList());
    }
}

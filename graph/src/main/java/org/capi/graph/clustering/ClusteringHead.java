package org.capi.graph.clustering;

import org.capi.graph.Initializer;
import org.capi.graph.Losses;
import org.capi.graph.Parameter.Role;
import org.capi.graph.Parameters;
import org.capi.graph.Tensors;
import org.capi.graph.layer.Linear;
import org.capi.graph.layer.Norm.UnitLength;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/**
 * The teacher's online clustering: prototypes as a linear map of unit-length features (Darcet et al. 2025).
 *
 * @param compiled whether XLA compiles it, for a batch of known size
 */
public record ClusteringHead<T extends TFloating>(Linear<T> prototypes, ClusteringConfig config, boolean compiled)
        implements TeacherHead<T> {

    private static final UnitLength UNIT_LENGTH = new UnitLength(1e-7);

    /** Declares {@code layer.weight} and, where the configuration asks for it, {@code layer.bias}. */
    public static <T extends TFloating> ClusteringHead<T> create(
            Parameters<T> params, int dim, ClusteringConfig config) {
        var layer = params.in("layer");
        Operand<T> weight =
                layer.declare("weight", Role.WEIGHT, Shape.of(config.prototypes(), dim), Initializer.normal(1));
        @Nullable
        Operand<T> bias = config.bias()
                ? layer.declare("bias", Role.BIAS, Shape.of(config.prototypes()), Initializer.ZEROS)
                : null;
        return new ClusteringHead<>(
                new Linear<>(weight, bias), config, params.plan().compiled());
    }

    /** How well the prototypes fit, {@code -mean Σ assignment · log_softmax(logits / temperature)}. */
    @Override
    public Operand<TFloat32> loss(Ops tf, Operand<TFloat32> assignments, Operand<TFloat32> logits) {
        var rows = Losses.crossEntropy(tf, assignments, logits, config.predictionTemperature());
        return tf.math.mean(tf.reshape(rows, tf.constant(new int[] {-1})), tf.constant(0));
    }

    @Override
    public Operand<T> rawLogits(Ops tf, Operand<T> features) {
        if (features.shape().numDimensions() < 2) {
            throw new IllegalArgumentException(
                    "features must have the axes samples and width, their shape was " + features.shape());
        }
        long width = prototypes.weight().shape().get(1);
        if (features.shape().get(-1) != width) {
            throw new IllegalArgumentException(
                    "features must be " + width + " wide, their shape was " + features.shape());
        }
        var unit = UNIT_LENGTH.apply(tf, features);
        if (compiled && unit.type().equals(TBfloat16.class)) {
            return Tensors.unrows(tf, prototypes.withBiasInProduct(tf, Tensors.rows(tf, unit)), unit);
        }
        return prototypes.apply(tf, unit);
    }

    @Override
    public boolean trained() {
        return true;
    }
}

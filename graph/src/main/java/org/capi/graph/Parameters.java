package org.capi.graph;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.capi.graph.Parameter.Role;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.VarHandleOp;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/**
 * The parameters of one copy of a model, each under its checkpoint name, in the order of their declaration.
 *
 * <p>Masters are float32 resource variables, read once and cast once to the compute type. Nothing else makes a
 * parameter; optimizers, the moving average, checkpoints and exporters walk {@link #list()}.
 *
 * @param <T> the compute type
 */
public final class Parameters<T extends TFloating> {

    private final Ops tf;
    private final Class<T> computeType;
    private final long seed;
    private final String prefix;
    private final List<Parameter> declared;
    private final Set<String> names;
    private final LayerPlan plan;

    private Parameters(
            Ops tf,
            Class<T> computeType,
            long seed,
            String prefix,
            List<Parameter> declared,
            Set<String> names,
            LayerPlan plan) {
        this.tf = tf;
        this.computeType = computeType;
        this.seed = seed;
        this.prefix = prefix;
        this.declared = declared;
        this.names = names;
        this.plan = plan;
    }

    /** No parameters yet; initial values are functions of the seed and of each parameter's name. */
    public static <T extends TFloating> Parameters<T> create(Ops tf, Class<T> computeType, long seed) {
        return new Parameters<>(tf, computeType, seed, "", new ArrayList<>(), new HashSet<>(), LayerPlan.PLAIN);
    }

    /** The same parameters, seen from a scope such as {@code blocks.0}: names declared there begin with it. */
    public Parameters<T> in(String scope) {
        return new Parameters<>(tf, computeType, seed, prefix + scope + ".", declared, names, plan);
    }

    /** The same parameters, for layers with another plan. */
    public Parameters<T> with(LayerPlan otherPlan) {
        return new Parameters<>(tf, computeType, seed, prefix, declared, names, otherPlan);
    }

    /** How the layers compute. */
    public LayerPlan plan() {
        return plan;
    }

    /** Adds a parameter and returns its value in the compute type, to build layers on. */
    public Operand<T> declare(String name, Role role, Shape shape, Initializer initializer) {
        return Tensors.cast(tf, declareFloat32(name, role, shape, initializer), computeType);
    }

    /** Adds a parameter that is always used in float32, such as the gain of a norm. */
    public Operand<TFloat32> declareFloat32(String name, Role role, Shape shape, Initializer initializer) {
        String path = prefix + name;
        if (!names.add(path)) {
            throw new IllegalStateException("parameter declared twice: " + path);
        }
        var handle = tf.withName(path).varHandleOp(TFloat32.class, shape, VarHandleOp.sharedName(path));
        var value = tf.readVariableOp(handle, TFloat32.class);
        var key = tf.constant(new long[] {seed, path.hashCode()});
        declared.add(new Parameter(path, role, shape, handle, value, initializer.values(tf, shape, key)));
        return value;
    }

    /** The compute type. */
    public Class<T> type() {
        return computeType;
    }

    /** The ops of the graph that the parameters live in. */
    public Ops ops() {
        return tf;
    }

    /** The scope of these parameters, with a closing dot; empty at the root. */
    public String prefix() {
        return prefix;
    }

    /** Every parameter declared so far, in order. */
    public List<Parameter> list() {
        return List.copyOf(declared);
    }

    /** How many numbers they hold. */
    public long count() {
        return declared.stream().mapToLong(p -> p.shape().size()).sum();
    }

    /**
     * How layers compute; only the rounding may differ.
     *
     * @param compiled whether XLA compiles the graph
     * @param fusedAttention whether they attend by fused kernels of a GPU, or by plain ops
     * @param trained whether a gradient is taken of them
     * @param recomputesGelu whether their gradients compute the outputs of GELUs again instead of keeping them
     */
    public record LayerPlan(boolean compiled, boolean fusedAttention, boolean trained, boolean recomputesGelu) {

        /** Layers that are trained, by plain ops that TensorFlow executes, and keep what their gradients need. */
        public static final LayerPlan PLAIN = new LayerPlan(false, false, true, false);

        /** The same for layers that nothing trains. */
        public LayerPlan withoutGradients() {
            return new LayerPlan(compiled, fusedAttention, false, false);
        }
    }
}

package org.capi.graph;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import org.capi.golden.Golden;
import org.capi.golden.NpyArray;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TType;

/** A graph and a session in which a test builds and runs a few ops. */
public final class TestGraph implements AutoCloseable {

    private final Graph graph = new Graph();
    private final Session session;
    private final Ops tf = Ops.create(graph);

    /** With TensorFlow's own settings. */
    public TestGraph() {
        session = new Session(graph);
    }

    /** With settings of a session. */
    public TestGraph(ConfigProto settings) {
        session = new Session(graph, settings);
    }

    /** With a session of the caller's choice. */
    public TestGraph(Function<Graph, Session> open) {
        session = open.apply(graph);
    }

    /** The graph itself. */
    public Graph graph() {
        return graph;
    }

    /** The ops of the graph. */
    public Ops tf() {
        return tf;
    }

    /** The session. */
    public Session session() {
        return session;
    }

    /** A constant of a golden array. */
    public Operand<TFloat32> constant(NpyArray array) {
        return tf.constant(Shape.of(array.shape()), DataBuffers.of(array.floats()));
    }

    /** A constant of a golden array of integers. */
    public Operand<TInt64> positions(NpyArray array) {
        return tf.constant(Shape.of(array.shape()), DataBuffers.of(array.longs()));
    }

    /** Runs the graph for one value. */
    public float[] value(Operand<? extends TType> x) {
        Operand<TFloat32> wide = tf.dtypes.cast(x, TFloat32.class);
        try (var result = session.runner().fetch(wide).run()) {
            return floats((TFloat32) result.get(0));
        }
    }

    /** Runs the graph for one scalar. */
    public float scalar(Operand<? extends TType> x) {
        return value(x)[0];
    }

    /** Gives every parameter its own first value. */
    public void initialize(Collection<Parameter> parameters) {
        set(parameters, null);
    }

    /** Gives every parameter the golden array of its name behind a prefix. */
    public void load(Golden golden, String prefix, Collection<Parameter> parameters) {
        set(parameters, name -> golden.array(prefix + name).floats());
    }

    private void set(Collection<Parameter> parameters, @Nullable Function<String, float[]> values) {
        List<Tensor> fed = new ArrayList<>();
        try {
            var runner = session.runner();
            for (Parameter parameter : parameters) {
                Op assign = tf.assignVariableOp(parameter.handle(), parameter.initial());
                runner.addTarget(assign);
                if (values != null) {
                    var tensor = TFloat32.tensorOf(parameter.shape(), DataBuffers.of(values.apply(parameter.name())));
                    fed.add(tensor);
                    runner.feed(parameter.initial(), tensor);
                }
            }
            runner.run().close();
        } finally {
            fed.forEach(Tensor::close);
        }
    }

    /** The gradients of {@code Σ y·upstream} with respect to some operands. */
    public List<Operand<TFloat32>> gradients(
            Operand<TFloat32> y, Operand<TFloat32> upstream, List<? extends Operand<TFloat32>> operands) {
        var flat = tf.reshape(tf.math.mul(y, upstream), tf.constant(new int[] {-1}));
        var gradients = tf.gradients(tf.reduceSum(flat, tf.constant(0)), operands);
        List<Operand<TFloat32>> all = new ArrayList<>();
        for (int i = 0; i < operands.size(); i++) {
            all.add(gradients.dy(i));
        }
        return all;
    }

    /** Every element of a tensor, in C order. */
    public static float[] floats(TFloat32 tensor) {
        float[] values = new float[Math.toIntExact(tensor.size())];
        tensor.asRawTensor().data().asFloats().read(values);
        return values;
    }

    @Override
    public void close() {
        session.close();
        graph.close();
    }
}

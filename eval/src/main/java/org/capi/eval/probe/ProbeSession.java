package org.capi.eval.probe;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.capi.eval.features.Representation;
import org.capi.eval.features.Representation.FeatureShape;
import org.capi.graph.Parameter;
import org.capi.graph.Parameters;
import org.capi.graph.VariableFile;
import org.capi.graph.VariableFile.Variable;
import org.capi.graph.optim.AdamW;
import org.capi.graph.optim.AdamW.ParameterGroups;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.StdArrays;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TString;

/**
 * All probes of a grid over all representations as one graph, trained together, and a session with their variables.
 * What is fed of each representation is {@code [batch, dim]}, or {@code [batch, vectors, dim]} for several vectors.
 */
final class ProbeSession implements AutoCloseable {

    private static final int TOP = 5;

    private final Graph graph = new Graph();
    private final Map<Representation, Placeholder<TFloat32>> features = new LinkedHashMap<>();
    private final Map<Representation, Operand<TInt32>> best = new LinkedHashMap<>();
    private final Map<Representation, Operand<TFloat32>> imageLosses = new LinkedHashMap<>();
    private final Placeholder<TInt32> labels;
    private final Placeholder<TFloat64> rates;
    private final Operand<TFloat32> loss;
    private final Op update;
    private final List<Parameter> parameters;
    private final VariableFile files;
    private final Session session;

    ProbeSession(Map<Representation, FeatureShape> shapes, int classes, ProbeSettings.Grid grid, long seed) {
        try {
            Ops tf = Ops.create(graph);
            var params = Parameters.create(tf, TFloat32.class, seed);
            List<ProbeSettings.Grid.Point> points = grid.points();
            labels = tf.placeholder(TInt32.class, Placeholder.shape(Shape.of(-1)));
            var targets = tf.oneHot(labels, tf.constant(classes), tf.constant(1f), tf.constant(0f)); // [batch, classes]
            List<Operand<TFloat32>> losses = new ArrayList<>();
            var k = tf.constant(Math.min(TOP, classes));
            shapes.forEach((representation, shape) -> {
                boolean several = representation.severalVectors();
                var fed = several ? Shape.of(-1, shape.vectors(), shape.dim()) : Shape.of(-1, shape.dim());
                var input = tf.placeholder(TFloat32.class, Placeholder.shape(fed));
                var own = params.in(representation.toString());
                Heads heads = several
                        ? Heads.AttentiveHeads.create(own, points.size(), classes, shape.dim())
                        : Heads.LinearHeads.create(own, points.size(), classes, shape.dim());
                var logits = heads.logits(tf.withSubScope(representation.toString()), input);
                features.put(representation, input);
                best.put(representation, tf.nn.topK(logits, k, TInt32.class).indices());
                var each = crossEntropies(tf, logits, targets);
                imageLosses.put(representation, each);
                losses.add(mean(tf, each));
            });
            loss = tf.math.div(tf.math.addN(losses), tf.constant((float) losses.size()));
            rates = tf.placeholder(TFloat64.class, Placeholder.shape(Shape.of(2)));
            parameters = params.list();
            List<Variable> variables =
                    new ArrayList<>(parameters.stream().map(Parameter::variable).toList());
            update = adamW(tf, points, variables);
            files = VariableFile.create(tf, variables);
        } catch (RuntimeException e) {
            graph.close();
            throw e;
        }
        session = new Session(graph);
        session.runner().addTarget(files.initialize()).run().close();
    }

    /** The mean over heads and batch of logits {@code [heads, batch, classes]}, targets {@code [batch, classes]}. */
    static Operand<TFloat32> crossEntropy(Ops tf, Operand<TFloat32> logits, Operand<TFloat32> targets) {
        return mean(tf, crossEntropies(tf, logits, targets));
    }

    private static Operand<TFloat32> mean(Ops tf, Operand<TFloat32> crossEntropies) {
        return tf.math.mean(crossEntropies, tf.constant(new int[] {0, 1}));
    }

    /**
     * The cross-entropy of each head and image, {@code [heads, batch]}, of logits {@code [heads, batch, classes]} and
     * targets {@code [batch, classes]}.
     */
    private static Operand<TFloat32> crossEntropies(Ops tf, Operand<TFloat32> logits, Operand<TFloat32> targets) {
        // TensorFlow's gradient of logSoftmax is right for two axes only.
        int classes = Math.toIntExact(logits.shape().get(2));
        var logs = tf.nn.logSoftmax(tf.reshape(logits, tf.constant(new int[] {-1, classes})));
        var products = tf.math.mul(tf.reshape(logs, tf.shape(logits)), targets);
        return tf.math.neg(tf.reduceSum(products, tf.constant(2)));
    }

    /**
     * AdamW for parameters whose first axis is the head, each head with its learning rate and weight decay. Biases do
     * not decay.
     *
     * @param variables to which the moments are added
     */
    private Op adamW(Ops tf, List<ProbeSettings.Grid.Point> heads, List<Variable> variables) {
        var optimizer = new AdamW(0.9, 0.95, 1e-8, new ParameterGroups(1, 1, 0));
        var gradients =
                tf.gradients(loss, parameters.stream().map(Parameter::value).toList());
        var fed = tf.unstack(rates, 2L).output();
        List<Op> updates = new ArrayList<>();
        for (int i = 0; i < parameters.size(); i++) {
            Parameter parameter = parameters.get(i);
            Operand<TFloat32> gradient = gradients.dy(i);
            var rate = perHead(tf, parameter, heads, ProbeSettings.Grid.Point::learningRate);
            var decay = perHead(tf, parameter, heads, ProbeSettings.Grid.Point::weightDecay);
            var own = new AdamW.Rates(tf.math.mul(rate, fed.get(0)), decay, fed.get(1));
            var update = optimizer.update(tf, List.of(parameter), List.of(gradient), own, tf.constant(true));
            variables.addAll(update.moments());
            updates.addAll(update.updates());
        }
        return tf.withControlDependencies(updates).noOp();
    }

    /** A value of each head, {@code [heads, 1, ...]}. */
    private static Operand<TFloat64> perHead(
            Ops tf,
            Parameter parameter,
            List<ProbeSettings.Grid.Point> heads,
            ToDoubleFunction<ProbeSettings.Grid.Point> value) {
        int[] shape = new int[parameter.shape().numDimensions()];
        Arrays.fill(shape, 1);
        shape[0] = heads.size();
        double[] values = heads.stream().mapToDouble(value).toArray();
        return tf.reshape(tf.constant(values), tf.constant(shape));
    }

    List<Parameter> parameters() {
        return parameters;
    }

    VariableFile files() {
        return files;
    }

    Session session() {
        return session;
    }

    /**
     * Makes one step and returns the loss before it.
     *
     * @param images the features of a batch, a tensor for each representation
     * @param factor on every learning rate
     * @param step counted from 0
     */
    float step(Function<Representation, TFloat32> images, int[] labelled, double factor, int step) {
        try (TInt32 truth = TInt32.vectorOf(labelled);
                TFloat64 scalars = TFloat64.vectorOf(factor, step + 1.0)) {
            return run(
                    images,
                    runner -> runner.feed(labels, truth)
                            .feed(rates, scalars)
                            .addTarget(update)
                            .fetch(loss),
                    result -> ((TFloat32) result.get(0)).getFloat());
        }
    }

    /** The classes with the largest logits of each head, the best first: {@code [heads][batch][k]}. */
    Map<Representation, int[][][]> best(Function<Representation, TFloat32> images) {
        return run(
                images,
                runner -> best.values().forEach(runner::fetch),
                result -> ofEach(result, output -> nested((TInt32) output)));
    }

    /** The cross-entropy of each head and image: {@code [heads][batch]}. */
    Map<Representation, float[][]> losses(Function<Representation, TFloat32> images, int[] labelled) {
        try (TInt32 truth = TInt32.vectorOf(labelled)) {
            return run(
                    images,
                    runner -> {
                        runner.feed(labels, truth);
                        imageLosses.values().forEach(runner::fetch);
                    },
                    result -> ofEach(result, output -> StdArrays.array2dCopyOf((TFloat32) output)));
        }
    }

    /**
     * Feeds the features of a batch to a run, and reads its result.
     *
     * @param more what else the run takes, and what it is to compute
     */
    private <T> T run(
            Function<Representation, TFloat32> images, Consumer<Session.Runner> more, Function<Result, T> read) {
        List<Tensor> fed = new ArrayList<>();
        try {
            Session.Runner runner = session.runner();
            features.forEach((representation, placeholder) -> {
                TFloat32 tensor = images.apply(representation);
                fed.add(tensor);
                runner.feed(placeholder, tensor);
            });
            more.accept(runner);
            try (Result result = runner.run()) {
                return read.apply(result);
            }
        } finally {
            fed.forEach(Tensor::close);
        }
    }

    private <T> Map<Representation, T> ofEach(Result result, Function<Tensor, T> read) {
        Map<Representation, T> each = new LinkedHashMap<>();
        for (Representation representation : features.keySet()) {
            each.put(representation, read.apply(result.get(each.size())));
        }
        return each;
    }

    private static int[][][] nested(TInt32 tensor) {
        long[] shape = tensor.shape().asArray();
        int[][][] nested = new int[(int) shape[0]][(int) shape[1]][(int) shape[2]];
        tensor.scalars().forEachIndexed((at, value) -> nested[(int) at[0]][(int) at[1]][(int) at[2]] = value.getInt());
        return nested;
    }

    void save(Path prefix) {
        run(files.save(), prefix);
    }

    void restore(Path prefix) {
        run(files.restore(), prefix);
    }

    private void run(Op target, Path prefix) {
        try (TString path = TString.scalarOf(prefix.toAbsolutePath().toString())) {
            session.runner().feed(files.prefix(), path).addTarget(target).run().close();
        }
    }

    @Override
    public void close() {
        session.close();
        graph.close();
    }
}

package org.capi.eval.probe;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.capi.eval.features.FeatureShape;
import org.capi.eval.features.Representation;
import org.capi.graph.Parameter;
import org.capi.graph.Parameters;
import org.capi.graph.VariableFile;
import org.capi.graph.VariableFile.Variable;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * All probes of a grid over all representations as one graph, trained together.
 *
 * @param features what is fed of each representation: {@code [batch, dim]}, or {@code [batch, vectors, dim]} for several
 * @param labels {@code [batch]}, to be fed
 * @param rates the factor on the learning rates and the two corrections of {@link HeadAdamW}, {@code [3]}, to be fed
 * @param logits {@code [heads, batch, classes]} of each representation
 * @param best the classes with the largest logits, {@code [heads, batch, k]} of each representation
 * @param loss the cross-entropy, averaged over batch and heads, a scalar
 * @param update makes one step
 */
record ProbeGraph(
        Map<Representation, Placeholder<TFloat32>> features,
        Placeholder<TInt32> labels,
        Placeholder<TFloat32> rates,
        Map<Representation, Operand<TFloat32>> logits,
        Map<Representation, Operand<TInt32>> best,
        Operand<TFloat32> loss,
        Op update,
        List<Parameter> parameters,
        VariableFile files) {

    private static final int TOP = 5;

    /** Builds the graph. */
    static ProbeGraph create(Ops tf, Map<Representation, FeatureShape> shapes, int classes, ProbeGrid grid, long seed) {
        var params = Parameters.create(tf, TFloat32.class, seed);
        List<ProbeGrid.Point> points = grid.points();
        var labels = tf.placeholder(TInt32.class, Placeholder.shape(Shape.of(-1)));
        var targets = tf.oneHot(labels, tf.constant(classes), tf.constant(1f), tf.constant(0f)); // [batch, classes]
        Map<Representation, Placeholder<TFloat32>> features = new LinkedHashMap<>();
        Map<Representation, Operand<TFloat32>> logits = new LinkedHashMap<>();
        Map<Representation, Operand<TInt32>> best = new LinkedHashMap<>();
        List<Operand<TFloat32>> losses = new ArrayList<>();
        var k = tf.constant(Math.min(TOP, classes));
        shapes.forEach((representation, shape) -> {
            var input = tf.placeholder(TFloat32.class, Placeholder.shape(shape(representation, shape)));
            Heads heads = heads(params.in(representation.toString()), representation, shape, points.size(), classes);
            var output = heads.logits(tf.withSubScope(representation.toString()), input);
            features.put(representation, input);
            logits.put(representation, output);
            best.put(representation, tf.nn.topK(output, k, TInt32.class).indices());
            losses.add(crossEntropy(tf, output, targets));
        });
        var loss = tf.math.div(tf.math.addN(losses), tf.constant((float) losses.size()));
        var rates = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(3)));
        return complete(tf, params.list(), points, loss, rates, new Outputs(features, labels, logits, best));
    }

    private record Outputs(
            Map<Representation, Placeholder<TFloat32>> features,
            Placeholder<TInt32> labels,
            Map<Representation, Operand<TFloat32>> logits,
            Map<Representation, Operand<TInt32>> best) {}

    private static ProbeGraph complete(
            Ops tf,
            List<Parameter> parameters,
            List<ProbeGrid.Point> points,
            Operand<TFloat32> loss,
            Placeholder<TFloat32> rates,
            Outputs outputs) {
        var raw = tf.gradients(loss, parameters.stream().map(Parameter::value).toList());
        List<Operand<TFloat32>> gradients = new ArrayList<>();
        for (int i = 0; i < parameters.size(); i++) {
            gradients.add(raw.dy(i));
        }
        var split = tf.unstack(rates, 3L);
        var optimizer = new HeadAdamW(
                points,
                split.output().get(0),
                split.output().get(1),
                split.output().get(2));
        HeadAdamW.Update update = optimizer.update(tf, parameters, gradients);
        List<Variable> variables =
                new ArrayList<>(parameters.stream().map(Parameter::variable).toList());
        variables.addAll(update.moments());
        return new ProbeGraph(
                Collections.unmodifiableMap(outputs.features),
                outputs.labels,
                rates,
                Collections.unmodifiableMap(outputs.logits),
                Collections.unmodifiableMap(outputs.best),
                loss,
                tf.withControlDependencies(update.updates()).noOp(),
                parameters,
                VariableFile.create(tf, variables));
    }

    private static Heads heads(
            Parameters<TFloat32> params, Representation representation, FeatureShape shape, int heads, int classes) {
        return representation.severalVectors()
                ? AttentiveHeads.create(params, heads, classes, shape.dim())
                : LinearHeads.create(params, heads, classes, shape.dim());
    }

    private static Shape shape(Representation representation, FeatureShape shape) {
        return representation.severalVectors() ? Shape.of(-1, shape.vectors(), shape.dim()) : Shape.of(-1, shape.dim());
    }

    /** The mean over heads and batch. */
    static Operand<TFloat32> crossEntropy(Ops tf, Operand<TFloat32> logits, Operand<TFloat32> targets) {
        // TensorFlow's gradient of logSoftmax is right for two axes only.
        int classes = Math.toIntExact(logits.shape().get(2));
        var logs = tf.nn.logSoftmax(tf.reshape(logits, tf.constant(new int[] {-1, classes})));
        var products = tf.math.mul(tf.reshape(logs, tf.shape(logits)), targets);
        return tf.math.neg(tf.math.mean(tf.reduceSum(products, tf.constant(2)), tf.constant(new int[] {0, 1})));
    }
}

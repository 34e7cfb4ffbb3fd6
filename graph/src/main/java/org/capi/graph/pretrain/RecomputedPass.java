package org.capi.graph.pretrain;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.capi.graph.Order;
import org.capi.graph.Parameter;
import org.capi.graph.layer.Block;
import org.capi.graph.layer.RmsNorm;
import org.capi.graph.layer.StochasticDepth;
import org.capi.graph.pretrain.StudentPass.Outcome;
import org.capi.graph.vit.Tokens;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Gradients;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/**
 * A student's pass that keeps the input of each block only (Chen et al. 2016): the backward pass goes block by block and
 * computes each block again from its input, once the gradient of its output is there.
 */
final class RecomputedPass<T extends TFloating> {

    private static final String HEAD = "student.head.";
    private static final String MASK_TOKEN = "student.backbone.mask_token";
    private static final String MASK_POSITIONS = "student.backbone.decoder.pos_embed";

    private final StudentPass<T> pass;
    private final Sample sample;
    private final StochasticDepth depth;
    private final Map<String, Operand<TFloat32>> found = new HashMap<>();

    RecomputedPass(StudentPass<T> pass, Sample sample, StochasticDepth depth) {
        this.pass = pass;
        this.sample = sample;
        this.depth = depth;
    }

    Outcome apply(Ops tf) {
        var student = pass.student();
        var encoder = student.encoder().transformer().blocks();
        var predictor = student.predictor().transformer().blocks();
        var visible = student.visible(tf, sample.images(), sample.visible());
        var where = student.places(tf, sample.images(), sample.predicted());

        List<Operand<T>> encoded =
                new ArrayList<>(List.of(visible.values())); // the input of each block, and the output
        for (Block<T> block : encoder) {
            encoded.add(block.apply(tf, last(encoded), visible.where(), depth));
        }
        // Leaves, so that no gradient is built past them.
        Operand<T> encoderOutput = tf.stopGradient(last(encoded));
        var context = new Tokens<>(RmsNorm.withoutGain().apply(tf, encoderOutput), visible.where());
        List<Operand<T>> predicted = new ArrayList<>(List.of(student.predictor().masks(tf, where)));
        for (Block<T> block : predictor) {
            predicted.add(block.apply(tf, last(predicted), where, context.values(), context.where(), depth));
        }
        Operand<T> predictorOutput = tf.stopGradient(last(predicted));
        var loss = pass.loss(tf, RmsNorm.withoutGain().apply(tf, predictorOutput), sample);

        Operand<T> d =
                pull(tf, loss, List.of(), List.of(predictorOutput), named(HEAD)).get(0);
        Operand<T> contextGradient = tf.zerosLike(context.values());
        for (int i = predictor.size() - 1; i >= 0; i--) {
            Block<T> block = predictor.get(i);
            Operand<T> x = after(tf, predicted.get(i), d);
            Operand<T> seen = after(tf, context.values(), d);
            Operand<T> y = block.apply(tf, x, after(tf, where, d), seen, after(tf, context.where(), d), depth);
            var both = pull(tf, y, List.of(d), List.of(x, seen), named(block.path()));
            d = both.get(0);
            contextGradient = tf.math.add(contextGradient, both.get(1));
        }
        pull(tf, predicted.get(0), List.of(d), List.of(), named(MASK_TOKEN).or(named(MASK_POSITIONS)));
        d = pull(tf, context.values(), List.of(contextGradient), List.of(encoderOutput), parameter -> false)
                .get(0);
        for (int i = encoder.size() - 1; i >= 0; i--) {
            Block<T> block = encoder.get(i);
            Operand<T> x = after(tf, encoded.get(i), d);
            Operand<T> y = block.apply(tf, x, after(tf, visible.where(), d), depth);
            d = pull(tf, y, List.of(d), List.of(x), named(block.path())).get(0);
        }
        pull(tf, visible.values(), List.of(d), List.of(), parameter -> !found.containsKey(parameter.name()));
        return new Outcome(
                loss, pass.moving().stream().map(p -> found.get(p.name())).toList());
    }

    /** Takes the gradient of {@code y} on to some operands, and to the parameters that are asked for. */
    private List<Operand<T>> pull(
            Ops tf, Operand<?> y, List<Operand<T>> upstream, List<Operand<T>> operands, Predicate<Parameter> asked) {
        var parameters = pass.moving().stream().filter(asked).toList();
        List<Operand<?>> sources = new ArrayList<>(operands);
        parameters.forEach(p -> sources.add(p.value()));
        if (sources.isEmpty()) {
            return List.of();
        }
        var gradients =
                upstream.isEmpty() ? tf.gradients(y, sources) : tf.gradients(y, sources, Gradients.dx(upstream));
        for (int i = 0; i < parameters.size(); i++) {
            found.put(parameters.get(i).name(), gradients.dy(operands.size() + i));
        }
        List<Operand<T>> pulled = new ArrayList<>();
        for (int i = 0; i < operands.size(); i++) {
            pulled.add(gradients.dy(i));
        }
        return pulled;
    }

    private static Predicate<Parameter> named(String prefix) {
        return parameter -> parameter.name().startsWith(prefix);
    }

    private static <U extends TFloating> Operand<U> after(Ops tf, Operand<U> x, Operand<?> gradient) {
        return Order.after(tf, x, List.of(gradient));
    }

    private static <U> U last(List<U> list) {
        return list.get(list.size() - 1);
    }
}

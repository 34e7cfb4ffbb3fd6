package org.capi.graph.pretrain;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.capi.graph.Parameter;
import org.capi.graph.Tensors;
import org.capi.graph.layer.Norm.RmsNorm;
import org.capi.graph.layer.StochasticDepth;
import org.capi.graph.layer.Transformer.Block;
import org.capi.graph.pretrain.StudentPass.MaskedImages;
import org.capi.graph.pretrain.StudentPass.Result;
import org.capi.graph.vit.Encoder.Tokens;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Gradients;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/**
 * A student's pass that keeps the input of each block only (Chen et al. 2016): the backward pass goes block by block
 * and computes each block again from its input, once the gradient of its output is there.
 */
final class RecomputedPass<T extends TFloating> {

    private static final String HEAD = "student.head.";
    private static final String MASK_TOKEN = "student.backbone.mask_token";
    private static final String PREDICTOR = "student.backbone.decoder.";

    private final StudentPass<T> pass;
    private final MaskedImages batch;
    private final StochasticDepth depth;
    private final Map<String, Operand<TFloat32>> found = new HashMap<>();

    RecomputedPass(StudentPass<T> pass, MaskedImages batch, StochasticDepth depth) {
        this.pass = pass;
        this.batch = batch;
        this.depth = depth;
    }

    Result apply(Ops tf) {
        var student = pass.student();
        var encoder = student.encoder().transformer().blocks();
        var predictor = student.predictor();
        var coords = student.coords(tf, batch.images(), batch.predicted());
        var start = predictor.encoderInput(tf, student.visible(tf, batch.images(), batch.visible()), coords);

        List<Operand<T>> encoded = new ArrayList<>(List.of(start.values())); // the input of each block, and the output
        for (Block<T> block : encoder) {
            encoded.add(block.apply(tf, last(encoded), start.coords(), depth));
        }
        // Leaves, so that no gradient is built past them.
        Operand<T> encoderOutput = tf.stopGradient(last(encoded));
        var context = new Tokens<>(RmsNorm.withoutGain().apply(tf, encoderOutput), start.coords());
        var queries = predictor.input(tf, coords, context);
        List<Operand<T>> predicted = new ArrayList<>(List.of(queries.values()));
        for (Block<T> block : predictor.blocks()) {
            predicted.add(predictor.block(tf, block, new Tokens<>(last(predicted), queries.coords()), context, depth));
        }
        Operand<T> predictorOutput = tf.stopGradient(last(predicted));
        var loss = pass.loss(tf, predictor.predictions(tf, predictorOutput, coords), batch);

        Operand<T> d = backward(tf, loss, List.of(), List.of(predictorOutput), named(HEAD))
                .get(0);
        Operand<T> contextGradient = backThroughPredictor(tf, d, predicted, queries.coords(), context);
        d = backward(tf, context.values(), List.of(contextGradient), List.of(encoderOutput), parameter -> false)
                .get(0);
        for (int i = encoder.size() - 1; i >= 0; i--) {
            Block<T> block = encoder.get(i);
            Operand<T> x = after(tf, encoded.get(i), d);
            Operand<T> y = block.apply(tf, x, after(tf, start.coords(), d), depth);
            d = backward(tf, y, List.of(d), List.of(x), named(block.path())).get(0);
        }
        backward(tf, start.values(), List.of(d), List.of(), parameter -> !found.containsKey(parameter.name()));
        return new Result(
                loss, pass.trainable().stream().map(p -> found.get(p.name())).toList());
    }

    /**
     * The gradient of the context.
     *
     * @param d that of the predictor's last output
     * @param inputs of its blocks, and the last output
     */
    private Operand<T> backThroughPredictor(
            Ops tf, Operand<T> d, List<Operand<T>> inputs, Operand<TFloat32> coords, Tokens<T> context) {
        var predictor = pass.student().predictor();
        var blocks = predictor.blocks();
        if (blocks.isEmpty()) {
            return d;
        }
        Operand<T> contextGradient = tf.zerosLike(context.values());
        for (int i = blocks.size() - 1; i >= 0; i--) {
            Block<T> block = blocks.get(i);
            Operand<T> x = after(tf, inputs.get(i), d);
            Operand<T> seen = after(tf, context.values(), d);
            Operand<T> y = predictor.block(
                    tf,
                    block,
                    new Tokens<>(x, after(tf, coords, d)),
                    new Tokens<>(seen, after(tf, context.coords(), d)),
                    depth);
            var operands = predictor.inputHoldsContext() ? List.of(x) : List.of(x, seen);
            var gradients = backward(tf, y, List.of(d), operands, named(block.path()));
            d = gradients.get(0);
            if (gradients.size() > 1) {
                contextGradient = tf.math.add(contextGradient, gradients.get(1));
            }
        }
        var operands = predictor.inputHoldsContext() ? List.of(context.values()) : List.<Operand<T>>of();
        var gradients = backward(tf, inputs.get(0), List.of(d), operands, this::beforePredictor);
        return gradients.isEmpty() ? contextGradient : gradients.get(0);
    }

    /** What the predictor's input is made with: its parameters that no block has. */
    private boolean beforePredictor(Parameter parameter) {
        return named(MASK_TOKEN).or(named(PREDICTOR)).test(parameter) && !found.containsKey(parameter.name());
    }

    /** Takes the gradient of {@code y} on to some operands, and to the parameters that are wanted. */
    private List<Operand<T>> backward(
            Ops tf, Operand<?> y, List<Operand<T>> upstream, List<Operand<T>> operands, Predicate<Parameter> wanted) {
        var parameters = pass.trainable().stream().filter(wanted).toList();
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
        List<Operand<T>> ofOperands = new ArrayList<>();
        for (int i = 0; i < operands.size(); i++) {
            ofOperands.add(gradients.dy(i));
        }
        return ofOperands;
    }

    private static Predicate<Parameter> named(String prefix) {
        return parameter -> parameter.name().startsWith(prefix);
    }

    private static <U extends TFloating> Operand<U> after(Ops tf, Operand<U> x, Operand<?> gradient) {
        return Tensors.after(tf, x, List.of(gradient));
    }

    private static <U> U last(List<U> list) {
        return list.get(list.size() - 1);
    }
}

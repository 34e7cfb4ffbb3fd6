package org.capi.graph.vit;

import java.util.List;
import org.capi.graph.Cast;
import org.capi.graph.Initializer;
import org.capi.graph.Parameters;
import org.capi.graph.Role;
import org.capi.graph.layer.Axes;
import org.capi.graph.layer.Linear;
import org.capi.graph.layer.RmsNorm;
import org.capi.graph.layer.StochasticDepth;
import org.capi.graph.layer.Transformer;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.index.Indices;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.ReduceMax;
import org.tensorflow.op.core.ReduceMin;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/**
 * The encoder: sees only the patches that it is given, and the registers.
 *
 * @param patchEmbedding pixels of a patch to a token
 * @param positions what is added to the tokens of patches
 * @param registers {@code [1, registers, dim]}, or null when there are none
 */
public record Encoder<T extends TFloating>(
        Linear<T> patchEmbedding,
        PositionEmbedding<T> positions,
        @Nullable Operand<T> registers,
        Transformer<T> transformer,
        VitConfig config) {

    static final double TOKEN_DEVIATION = 0.02;

    /** Declares {@code registers} if there are any, {@code encoder.blocks.*} and {@code patch_embed}. */
    public static <T extends TFloating> Encoder<T> create(Parameters<T> params, VitConfig config) {
        int dim = config.dim();
        int pixels = 3 * config.patchSize() * config.patchSize();
        @Nullable
        Operand<T> registers =
                config.registers() == 0 ? null : token(params, "registers", Shape.of(1, config.registers(), dim));
        var transformer = Transformer.create(
                params.in("encoder"), config.depth(), dim, dim, config.heads(), config.positions()::rotation);
        var positions = config.positions().embedding(params.in("encoder"), dim);
        var patchShape = Shape.of(dim, 3, config.patchSize(), config.patchSize());
        var embed = params.in("patch_embed");
        Operand<T> weight = embed.declare("weight", Role.PATCH_EMBED, patchShape, Initializer.XAVIER_UNIFORM);
        Operand<T> bias =
                embed.declare("bias", Role.PATCH_EMBED_BIAS, Shape.of(dim), Initializer.uniform(1 / Math.sqrt(pixels)));
        var rows = params.ops().reshape(weight, params.ops().constant(new int[] {dim, pixels}));
        return new Encoder<>(new Linear<>(rows, bias), positions, registers, transformer, config);
    }

    static <T extends TFloating> Operand<T> token(Parameters<T> params, String name, Shape shape) {
        return params.declare(name, Role.TOKEN, shape, Initializer.normal(TOKEN_DEVIATION));
    }

    /**
     * Registers and embedded patches.
     *
     * @param patches pixels of the visible patches {@code [batch, patches, 3·patchSize²]}
     * @param where their coordinates {@code [batch, patches, 2]}
     */
    public Tokens<T> tokens(Ops tf, Operand<TFloat32> patches, Operand<TFloat32> where) {
        Operand<T> seen = patchEmbedding.apply(
                tf, Cast.to(tf, patches, patchEmbedding.weight().type()));
        Operand<T> embedded = positions.add(tf, seen, where);
        if (registers == null) {
            return new Tokens<>(embedded, where);
        }
        var sizes = List.of(Axes.size(tf, patches, 0), tf.constant(config.registers()), tf.constant(config.dim()));
        Operand<T> repeated = tf.broadcastTo(registers, tf.stack(sizes));
        return new Tokens<>(
                tf.concat(List.of(repeated, embedded), tf.constant(1)),
                tf.concat(List.of(registersAmong(tf, where), where), tf.constant(1)));
    }

    /** {@code [batch, registers + patches, dim]}, normed. */
    public Operand<T> apply(Ops tf, Tokens<T> tokens, StochasticDepth depth) {
        return transformer.apply(tf, tokens.values(), tokens.where(), depth);
    }

    /** What becomes of normalised images {@code [batch, height, width, 3]}, block by block, see {@link Transformer#states}. */
    public List<Operand<T>> states(Ops tf, Operand<TFloat32> images) {
        Tokens<T> tokens = tokens(tf, images);
        return transformer.states(tf, tokens.values(), tokens.where(), StochasticDepth.NONE);
    }

    /** The last of these states, normed and without the registers: {@code [batch, patches, dim]}. */
    public Operand<T> patches(Ops tf, List<Operand<T>> states) {
        return patches(tf, RmsNorm.withoutGain().apply(tf, states.get(states.size() - 1)));
    }

    /** Registers and every patch of normalised images, at coordinates {@code [1, tokens, 2]} that all of them share. */
    Tokens<T> tokens(Ops tf, Operand<TFloat32> images) {
        // One set of coordinates for the whole batch, so that angles are computed once.
        Operand<TFloat32> where = tf.expandDims(
                PatchGrid.of(tf, images, config.patchSize()).coordinates(tf), tf.constant(0)); // [1, patches, 2]
        return tokens(tf, Pixels.patches(tf, images, config.patchSize()), where);
    }

    /** The tokens without the registers: {@code [batch, patches, dim]}. */
    public Operand<T> patches(Ops tf, Operand<T> tokens) {
        return tf.stridedSlice(tokens, Indices.all(), Indices.sliceFrom(config.registers()), Indices.all());
    }

    /** {@code min + u·(max - min)} of the visible patches, per image and axis. */
    private Operand<TFloat32> registersAmong(Ops tf, Operand<TFloat32> where) {
        var places = tf.constant(config.registerCoordinates().of(config.registers())); // [registers, 2]
        if (!config.scaleRegistersToVisible()) {
            var sizes = List.of(Axes.size(tf, where, 0), tf.constant(config.registers()), tf.constant(2));
            return tf.broadcastTo(places, tf.stack(sizes));
        }
        var least = tf.reduceMin(where, tf.constant(1), ReduceMin.keepDims(true)); // [batch, 1, 2]
        var most = tf.reduceMax(where, tf.constant(1), ReduceMax.keepDims(true));
        return tf.math.add(least, tf.math.mul(places, tf.math.sub(most, least)));
    }
}

package org.capi.graph.vit;

import java.util.List;
import org.capi.graph.Parameters;
import org.capi.graph.layer.Norm.RmsNorm;
import org.capi.graph.layer.StochasticDepth;
import org.capi.graph.layer.Transformer;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.index.Indices;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/**
 * The encoder: sees the registers and the patches that it is given, no others.
 *
 * @param positions is added to the tokens of patches
 * @param registers null when there are none
 */
public record Encoder<T extends TFloating>(
        PatchEmbedding<T> patchEmbedding,
        PositionEmbedding<T> positions,
        @Nullable Registers<T> registers,
        Transformer<T> transformer,
        VitConfig config) {

    /** Declares {@code registers} if there are any, {@code encoder.blocks.*} and {@code patch_embed}. */
    public static <T extends TFloating> Encoder<T> create(Parameters<T> params, VitConfig config) {
        int dim = config.dim();
        var registers = config.registers() == 0 ? null : Registers.create(params, config);
        var transformer = Transformer.create(
                params.in("encoder"), config.depth(), dim, dim, config.heads(), config.positions()::rotation);
        var positions = config.positions().embedding(params.in("encoder"), dim);
        var patches = PatchEmbedding.create(params.in("patch_embed"), config.patchSize(), dim);
        return new Encoder<>(patches, positions, registers, transformer, config);
    }

    /**
     * Registers and embedded patches.
     *
     * @param patches pixels of the visible patches {@code [batch, patches, 3·patchSize²]}
     * @param coords their coordinates {@code [batch, patches, 2]}
     */
    public Tokens<T> tokens(Ops tf, Operand<TFloat32> patches, Operand<TFloat32> coords) {
        Operand<T> embedded = positions.add(tf, patchEmbedding.apply(tf, patches), coords);
        return registers == null ? new Tokens<>(embedded, coords) : registers.before(tf, embedded, coords);
    }

    /** {@code [batch, registers + patches, dim]}, normed. */
    public Operand<T> apply(Ops tf, Tokens<T> tokens, StochasticDepth depth) {
        return transformer.apply(tf, tokens.values(), tokens.coords(), depth);
    }

    /**
     * What becomes of normalised images {@code [batch, height, width, 3]}, block by block, see {@link
     * Transformer#states}.
     */
    public List<Operand<T>> states(Ops tf, Operand<TFloat32> images) {
        Tokens<T> tokens = tokens(tf, images);
        return transformer.states(tf, tokens.values(), tokens.coords(), StochasticDepth.NONE);
    }

    /** The last of these states, normed and without the registers: {@code [batch, patches, dim]}. */
    public Operand<T> patches(Ops tf, List<Operand<T>> states) {
        return patches(tf, RmsNorm.withoutGain().apply(tf, states.get(states.size() - 1)));
    }

    /** Registers and every patch of normalised images, at coordinates {@code [1, tokens, 2]} that all of them share. */
    Tokens<T> tokens(Ops tf, Operand<TFloat32> images) {
        // One set of coordinates for the whole batch, so that angles are computed once.
        Operand<TFloat32> coords = tf.expandDims(
                PatchEmbedding.Grid.of(tf, images, config.patchSize()).coordinates(tf),
                tf.constant(0)); // [1, patches, 2]
        return tokens(tf, PatchEmbedding.patches(tf, images, config.patchSize()), coords);
    }

    /** The tokens without the registers: {@code [batch, patches, dim]}. */
    public Operand<T> patches(Ops tf, Operand<T> tokens) {
        return tf.stridedSlice(tokens, Indices.all(), Indices.sliceFrom(config.registers()), Indices.all());
    }

    /**
     * Registers and patches, in this order, and where they are.
     *
     * @param values {@code [batch, registers + patches, dim]}
     * @param coords {@code [batch, registers + patches, 2]}
     */
    public record Tokens<T extends TFloating>(Operand<T> values, Operand<TFloat32> coords) {}
}

package org.capi.graph.vit;

import java.util.List;
import org.capi.graph.Parameters;
import org.capi.graph.Tensors;
import org.capi.graph.layer.Norm.RmsNorm;
import org.capi.graph.layer.StochasticDepth;
import org.capi.graph.vit.Encoder.Tokens;
import org.capi.graph.vit.FrozenEncoder.FrozenFeatures;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.index.Indices;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;

/** Encoder and predictor: the backbone of CAPI (Darcet et al. 2025) under the names of its published weights. */
public record VisionTransformer<T extends TFloating>(Encoder<T> encoder, Predictor<T> predictor, VitConfig config)
        implements FrozenEncoder<T> {

    /** Declares every weight. */
    public static <T extends TFloating> VisionTransformer<T> create(Parameters<T> params, VitConfig config) {
        var encoder = Encoder.create(params, config);
        return new VisionTransformer<>(encoder, Predictor.create(params, config, encoder), config);
    }

    /**
     * Encodes the visible patches and predicts at other positions.
     *
     * @param images normalised {@code [batch, height, width, 3]}
     * @param visible positions in the grid of the whole batch {@code [batch · visible]}, equally many for each image
     * @param predicted likewise {@code [batch · predicted]}
     */
    public Prediction<T> predict(
            Ops tf,
            Operand<TFloat32> images,
            Operand<TInt64> visible,
            Operand<TInt64> predicted,
            StochasticDepth depth) {
        var coords = coords(tf, images, predicted);
        var tokens = predictor.encoderInput(tf, visible(tf, images, visible), coords);
        var encoded = encoder.apply(tf, tokens, depth);
        var predictions = predictor.apply(tf, coords, new Tokens<>(encoded, tokens.coords()), depth);
        var rows = tf.reshape(predictions, tf.constant(new int[] {-1, config.predictorDim()}));
        return new Prediction<>(encoder.patches(tf, predictor.visible(tf, encoded, coords)), rows);
    }

    /** Registers and visible patches, at positions as for {@link #predict}. */
    public Tokens<T> visible(Ops tf, Operand<TFloat32> images, Operand<TInt64> visible) {
        var patches = PatchEmbedding.patches(tf, images, config.patchSize());
        return encoder.tokens(tf, pick(tf, patches, visible), coords(tf, images, visible));
    }

    /** The coordinates of positions in the grid of the whole batch, {@code [batch · picked] -> [batch, picked, 2]}. */
    public Operand<TFloat32> coords(Ops tf, Operand<TFloat32> images, Operand<TInt64> positions) {
        var grid = PatchEmbedding.Grid.of(tf, images, config.patchSize());
        return pick(tf, grid.coordinates(tf, images), positions);
    }

    /** What probes use, of normalised images {@code [batch, height, width, 3]}. */
    public FrozenFeatures<T> features(Ops tf, Operand<TFloat32> images) {
        return features(tf, images, List.of());
    }

    @Override
    public FrozenFeatures<T> features(Ops tf, Operand<TFloat32> images, List<Integer> layers) {
        var grid = PatchEmbedding.Grid.of(tf, images, config.patchSize());
        // One set of coordinates for the whole batch: angles, and the predictor's queries, are computed once.
        Operand<TFloat32> coords = tf.expandDims(grid.coordinates(tf), tf.constant(0)); // [1, patches, 2]
        var tokens = encoder.tokens(tf, PatchEmbedding.patches(tf, images, config.patchSize()), coords);
        var states = encoder.transformer().states(tf, tokens.values(), tokens.coords(), StochasticDepth.NONE);
        var norm = RmsNorm.withoutGain();
        var encoded = norm.apply(tf, states.get(config.depth()));
        var context = new Tokens<>(encoded, tokens.coords());
        return new FrozenFeatures<>(
                predictor.pooled(tf, coords, context),
                tf.stridedSlice(encoded, Indices.all(), Indices.sliceTo(config.registers()), Indices.all()),
                map(tf, images, grid, encoded),
                layers.stream()
                        .map(layer -> map(tf, images, grid, norm.apply(tf, states.get(layer))))
                        .toList());
    }

    /** {@code [batch, registers + patches, dim] -> [batch, rows, columns, dim]}. */
    private Operand<T> map(Ops tf, Operand<TFloat32> images, PatchEmbedding.Grid grid, Operand<T> tokens) {
        var sizes = List.of(Tensors.size(tf, images, 0), grid.rows(), grid.columns(), tf.constant(config.dim()));
        return Tensors.reshape(tf, encoder.patches(tf, tokens), sizes);
    }

    /** {@code [batch, patches, n]} at positions {@code [batch · picked]} to {@code [batch, picked, n]}. */
    private static Operand<TFloat32> pick(Ops tf, Operand<TFloat32> x, Operand<TInt64> positions) {
        int last = Math.toIntExact(x.shape().get(2));
        var flat = tf.reshape(x, tf.constant(new int[] {-1, last}));
        var sizes = List.of(Tensors.size(tf, x, 0), tf.constant(-1), tf.constant(last));
        return Tensors.reshape(tf, tf.gather(flat, positions, tf.constant(0)), sizes);
    }

    /**
     * The outputs of a forward pass with masking.
     *
     * @param visible encoded visible patches, without the registers {@code [batch, visible, dim]}
     * @param predictions one row for each predicted position {@code [batch · predicted, predictorDim]}
     */
    public record Prediction<T extends TFloating>(Operand<T> visible, Operand<T> predictions) {}
}

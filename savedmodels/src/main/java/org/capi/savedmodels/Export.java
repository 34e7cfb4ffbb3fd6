package org.capi.savedmodels;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.capi.graph.Parameter;
import org.capi.graph.Parameters;
import org.capi.graph.VariableFile.Variable;
import org.capi.graph.vit.FrozenEncoder;
import org.capi.savedmodels.SavedModelWriter.Asset;
import org.capi.savedmodels.SavedModelWriter.Signature;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TString;

/** Turns the weights of a checkpoint into a SavedModel that encodes images. */
public final class Export {

    /** The fact that tells how large the images were: the length of their shorter side in pixels. */
    public static final String IMAGE_SIZE = "image_size";

    private static final int DEFAULT_SIZE = 224;

    private Export() {}

    /**
     * What goes into an exported model besides the encoder and its weights.
     *
     * @param origin facts for the model card, such as the run, the step and {@link Export#IMAGE_SIZE}
     * @param layers encoder layers whose feature maps become outputs: from 0 (the tokens that it starts from) to its
     *     depth (its last block), or from -1 (the last block) backwards
     * @param assets further files, such as the configuration of the run
     */
    public record Extras(Map<String, String> origin, List<Integer> layers, List<Asset> assets) {

        public Extras {
            origin = Map.copyOf(origin);
            layers = List.copyOf(layers);
            assets = List.copyOf(assets);
        }

        /** Nothing but facts for the model card. */
        public static Extras of(Map<String, String> origin) {
            return new Extras(origin, List.of(), List.of());
        }
    }

    /**
     * What an exported encoder offers besides its three outputs for images.
     *
     * @param imageSize the side of the square that is cut from encoded images, in pixels; a multiple of the patch
     * @param layers encoder layers whose feature maps are outputs of their own, each from 0 (the tokens that the
     *     encoder starts from) to its depth (its last block)
     */
    record Serving(int imageSize, List<Integer> layers) {

        /**
         * Takes the size of the training images from the origin, if it is there, and layers from 0, or from -1
         * backwards.
         */
        static Serving of(FrozenEncoder.Config config, Extras extras) {
            int patch = config.patchSize();
            int stated = Integer.parseInt(extras.origin.getOrDefault(IMAGE_SIZE, "0"));
            int size = stated < 1 ? DEFAULT_SIZE : stated;
            return new Serving(
                    Math.max(patch, size / patch * patch),
                    extras.layers.stream()
                            .map(layer -> resolve(layer, config.depth()))
                            .distinct()
                            .sorted()
                            .toList());
        }

        private static int resolve(int layer, int depth) {
            if (layer < -depth - 1 || layer > depth) {
                throw new IllegalArgumentException("layers must be from 0 (the encoder's first tokens) to " + depth
                        + " (its last block), or from -1 (the last) to " + (-depth - 1)
                        + " (the first tokens), one was " + layer);
            }
            return Math.floorMod(layer, depth + 1);
        }

        static String output(int layer) {
            return "features_at_layer_" + layer;
        }
    }

    /** Writes an encoder with its weights and nothing but facts for its model card. */
    public static void encoder(
            FrozenEncoder.Config config, Path checkpoint, String namePrefix, Map<String, String> origin, Path to)
            throws IOException {
        encoder(config, checkpoint, namePrefix, Extras.of(origin), to);
    }

    /**
     * Writes an encoder with its weights.
     *
     * @param checkpoint the checkpoint's path without its extensions
     * @param namePrefix what stands before the weights' names there, such as {@code teacher.backbone.}
     * @param to a folder that does not exist yet
     */
    public static void encoder(FrozenEncoder.Config config, Path checkpoint, String namePrefix, Extras extras, Path to)
            throws IOException {
        var serving = Serving.of(config, extras);
        try (Graph graph = new Graph()) {
            Ops tf = Ops.create(graph);
            var params = Parameters.create(tf, TFloat32.class, 0);
            var signatures = signatures(graph, tf, config, config.encoder(params), serving);
            List<Variable> variables =
                    params.list().stream().map(Parameter::variable).toList();
            var description = new ModelDescription(config, params.count(), serving, extras.origin);
            List<Asset> assets = new ArrayList<>(extras.assets);
            assets.add(description.json());
            assets.add(description.card());
            assets.add(WarmUp.asset(serving.imageSize));
            SavedModelWriter.create(graph, variables, signatures).write(checkpoint, namePrefix::concat, assets, to);
        }
    }

    /** The functions that callers of an exported encoder see, over one set of weights. */
    private static List<Signature> signatures(
            Graph graph, Ops tf, FrozenEncoder.Config config, FrozenEncoder<TFloat32> encoder, Serving serving) {
        var ofImages = ofImages(tf, config, encoder, serving.layers);
        var files = tf.withName(VisionEncoder.IMAGE_BYTES).placeholder(TString.class, Placeholder.shape(Shape.of(-1)));
        var scope = tf.withSubScope(Signature.BYTES);
        var decoded = new GraphImageDecoder(serving.imageSize).read(graph, scope, files);
        var ofBytes = new Signature(
                Signature.BYTES,
                List.of(new Signature.Named(VisionEncoder.IMAGE_BYTES, files)),
                outputs(scope, config, encoder, serving.layers, decoded));
        return List.of(ofImages, ofBytes);
    }

    /** The function of decoded images. */
    static Signature ofImages(
            Ops tf, FrozenEncoder.Config config, FrozenEncoder<TFloat32> encoder, List<Integer> layers) {
        var images = tf.withName(VisionEncoder.IMAGES)
                .placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, -1, -1, 3)));
        return new Signature(
                Signature.DEFAULT,
                List.of(new Signature.Named(VisionEncoder.IMAGES, images)),
                outputs(tf.withSubScope(Signature.DEFAULT), config, encoder, layers, images));
    }

    private static List<Signature.Named> outputs(
            Ops tf,
            FrozenEncoder.Config config,
            FrozenEncoder<TFloat32> encoder,
            List<Integer> layers,
            Operand<TFloat32> images) {
        var features = encoder.features(tf, config.normalization().apply(tf, images), layers);
        List<Signature.Named> outputs = new ArrayList<>();
        outputs.add(new Signature.Named(VisionEncoder.GLOBAL, features.global()));
        outputs.add(new Signature.Named(VisionEncoder.REGISTERS, features.registers()));
        outputs.add(new Signature.Named(VisionEncoder.FEATURE_MAP, features.featureMap()));
        for (int i = 0; i < layers.size(); i++) {
            outputs.add(new Signature.Named(
                    Serving.output(layers.get(i)), features.layers().get(i)));
        }
        return outputs;
    }
}

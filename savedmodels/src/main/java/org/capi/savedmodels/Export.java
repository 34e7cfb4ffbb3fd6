package org.capi.savedmodels;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.capi.graph.Parameter;
import org.capi.graph.Parameters;
import org.capi.graph.Variable;
import org.capi.graph.vit.Pixels;
import org.capi.graph.vit.VisionTransformer;
import org.capi.graph.vit.VitConfig;
import org.tensorflow.Graph;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;

/** Turns the weights of a checkpoint into a SavedModel that encodes images. */
public final class Export {

    /** The fact that says how large the images were: the length of their shorter side in pixels. */
    public static final String IMAGE_SIZE = "image_size";

    private Export() {}

    /**
     * Writes an encoder with its weights.
     *
     * @param checkpoint the checkpoint's path without its extensions
     * @param namePrefix what stands before the weights' names there, such as {@code teacher.backbone.}
     * @param origin facts for the model card, such as the run, the step and {@link #IMAGE_SIZE}
     * @param to a folder that does not exist yet
     */
    public static void encoder(
            VitConfig config, Path checkpoint, String namePrefix, Map<String, String> origin, Path to)
            throws IOException {
        try (Graph graph = new Graph()) {
            Ops tf = Ops.create(graph);
            var params = Parameters.create(tf, TFloat32.class, 0);
            var signature = signature(tf, VisionTransformer.create(params, config));
            List<Variable> variables =
                    params.list().stream().map(Parameter::variable).toList();
            var description = new ModelDescription(config, params.count(), origin);
            SavedModelWriter.create(graph, variables, List.of(signature))
                    .write(checkpoint, namePrefix::concat, List.of(description.json(), description.card()), to);
        }
    }

    private static Signature signature(Ops tf, VisionTransformer<TFloat32> model) {
        var images = tf.withName(VisionEncoder.IMAGES)
                .placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, -1, -1, 3)));
        var features = model.features(tf, Pixels.normalize(tf, images));
        return new Signature(
                Signature.DEFAULT,
                List.of(new Signature.Named(VisionEncoder.IMAGES, images)),
                List.of(
                        new Signature.Named(VisionEncoder.GLOBAL, features.global()),
                        new Signature.Named(VisionEncoder.REGISTERS, features.registers()),
                        new Signature.Named(VisionEncoder.FEATURE_MAP, features.featureMap())));
    }
}

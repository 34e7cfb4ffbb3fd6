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
import org.tensorflow.Graph;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/** Turns the weights of a checkpoint into a SavedModel that encodes images. */
public final class Export {

    /** The fact that says how large the images were: the length of their shorter side in pixels. */
    public static final String IMAGE_SIZE = "image_size";

    private Export() {}

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
        var serving = Serving.of(config, imageSize(extras.origin()), extras.layers());
        try (Graph graph = new Graph()) {
            Ops tf = Ops.create(graph);
            var params = Parameters.create(tf, TFloat32.class, 0);
            var encoder = new ServingGraph.Encoder(config.encoder(params), config.normalization());
            var signatures = new ServingGraph(graph, tf, encoder, serving).signatures();
            List<Variable> variables =
                    params.list().stream().map(Parameter::variable).toList();
            var description = new ModelDescription(config, params.count(), serving, extras.origin());
            List<Asset> assets = new ArrayList<>(extras.assets());
            assets.add(description.json());
            assets.add(new ModelCard(description).asset());
            assets.add(new WarmUp(serving.imageSize()).asset());
            SavedModelWriter.create(graph, variables, signatures).write(checkpoint, namePrefix::concat, assets, to);
        }
    }

    /** Zero when the origin does not tell. */
    private static int imageSize(Map<String, String> origin) {
        return Integer.parseInt(origin.getOrDefault(IMAGE_SIZE, "0"));
    }
}

package org.capi.savedmodels.weights;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.capi.graph.Parameters;
import org.capi.graph.vit.EncoderConfig;
import org.capi.graph.vit.RegisterCoordinates;
import org.capi.graph.vit.VitConfig;
import org.tensorflow.Graph;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * An encoder with its predictor as a list of tensors.
 *
 * @param shapes every tensor of that architecture, in the order of the reference implementation
 */
record Backbone(VitConfig config, Map<String, Shape> shapes) {

    /** What stands before the names in published files. */
    static final String PREFIX = "backbone.";

    private static final String REGISTERS = "registers";
    private static final String PATCH_EMBED = "patch_embed.weight";
    private static final String MASK_TOKEN = "mask_token";
    private static final String FREQUENCIES = "encoder.blocks.0.residual1.fn.rope.freqs";
    private static final List<String> ORDER = List.of(MASK_TOKEN, REGISTERS, "encoder.", "decoder.", "patch_embed.");

    Backbone {
        shapes = Collections.unmodifiableMap(new LinkedHashMap<>(shapes));
    }

    /** The tensors that an architecture has. */
    static Backbone of(VitConfig config) {
        Map<String, Shape> declared = declared(config);
        // The reference holds registers even where there are none.
        declared.putIfAbsent(REGISTERS, Shape.of(1, 0, config.dim()));
        Map<String, Shape> shapes = new LinkedHashMap<>();
        for (String part : ORDER) {
            declared.forEach((name, shape) -> {
                if (name.startsWith(part)) {
                    shapes.put(name, shape);
                }
            });
        }
        return new Backbone(config, shapes);
    }

    /** Every weight that an architecture declares. */
    static Map<String, Shape> declared(EncoderConfig config) {
        Map<String, Shape> declared = new LinkedHashMap<>();
        try (Graph graph = new Graph()) {
            var params = Parameters.create(Ops.create(graph), TFloat32.class, 0);
            config.encoder(params);
            params.list().forEach(parameter -> declared.put(parameter.name(), parameter.shape()));
        }
        return declared;
    }

    /** Reads the architecture off the shapes of tensors that are named without a prefix. */
    static Backbone read(Map<String, Shape> shapes) {
        var found = new FoundTensors(PREFIX, shapes);
        int dim = found.size(PATCH_EMBED, 4, 0);
        int headDim = found.size(FREQUENCIES, 2, 1);
        if (headDim < 1 || dim % headDim != 0) {
            throw new IllegalArgumentException("its heads are " + headDim + " wide (" + PREFIX + FREQUENCIES
                    + "), which does not divide its width " + dim + " (" + PREFIX + PATCH_EMBED + ")");
        }
        return of(new VitConfig(
                found.size(PATCH_EMBED, 4, 2),
                dim,
                found.depth("encoder.blocks"),
                dim / headDim,
                shapes.containsKey(REGISTERS) ? found.size(REGISTERS, 3, 1) : 0,
                RegisterCoordinates.EDGE,
                true,
                found.size(MASK_TOKEN, 2, 1),
                found.depth("decoder.blocks")));
    }

    /** Refuses tensors that are not exactly these, and names each with the shape found and the shape wanted. */
    void check(Map<String, Shape> found) {
        new FoundTensors(PREFIX, found).check(shapes);
    }
}

package org.capi.savedmodels.weights;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.capi.graph.Parameters;
import org.capi.graph.vit.FrozenEncoder;
import org.capi.graph.vit.Registers;
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

    private static final String ENCODER = "encoder.blocks";
    private static final String DECODER = "decoder.blocks";
    static final String REGISTERS = "registers";
    private static final String PATCH_EMBED = "patch_embed.weight";
    private static final String MASK_TOKEN = "mask_token";
    private static final String FREQUENCIES = "encoder.blocks.0.residual1.fn.rope.freqs";
    /** Names by which a backbone is found below any prefix. */
    static final List<String> MARKS = List.of(MASK_TOKEN, REGISTERS, PATCH_EMBED, "patch_embed.bias", FREQUENCIES);

    private static final List<String> ORDER = List.of(MASK_TOKEN, REGISTERS, "encoder.", "decoder.", "patch_embed.");

    Backbone {
        shapes = Collections.unmodifiableMap(new LinkedHashMap<>(shapes));
    }

    /** The tensors that an architecture has. */
    static Backbone of(VitConfig config) {
        Map<String, Shape> declared = declaredBlockByBlock(config);
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

    /** What {@link #declared} gives, without a graph of all blocks: a file can claim many of them, and large ones. */
    private static Map<String, Shape> declaredBlockByBlock(VitConfig config) {
        var shallow = new VitConfig(
                config.patchSize(),
                config.dim(),
                1,
                config.heads(),
                config.registers(),
                config.registerCoordinates(),
                config.scaleRegistersToVisible(),
                config.predictorDim(),
                Math.min(1, config.predictorDepth()),
                config.predictor(),
                config.positions());
        Map<String, Shape> declared = new LinkedHashMap<>();
        Map<String, Shape> first = declared(shallow);
        for (Map.Entry<String, Integer> stack : Map.of(ENCODER, config.depth(), DECODER, config.predictorDepth())
                .entrySet()) {
            for (int block = 0; block < stack.getValue(); block++) {
                for (Map.Entry<String, Shape> entry : first.entrySet()) {
                    String prefix = stack.getKey() + ".0.";
                    if (entry.getKey().startsWith(prefix)) {
                        String rest = entry.getKey().substring(prefix.length());
                        declared.put(stack.getKey() + "." + block + "." + rest, entry.getValue());
                    }
                }
            }
        }
        first.forEach(declared::putIfAbsent);
        return declared;
    }

    /** Every weight that an architecture declares. */
    static Map<String, Shape> declared(FrozenEncoder.Config config) {
        Map<String, Shape> declared = new LinkedHashMap<>();
        try (Graph graph = new Graph()) {
            var params = Parameters.create(Ops.create(graph), TFloat32.class, 0);
            config.encoder(params);
            params.list().forEach(parameter -> declared.put(parameter.name(), parameter.shape()));
        }
        return declared;
    }

    /** Whether a name without a prefix begins as those of its parts do. */
    static boolean isPart(String name) {
        return ORDER.stream().anyMatch(name::startsWith);
    }

    /**
     * Reads the architecture off the shapes of tensors that are named without a prefix.
     *
     * @param prefix what stands before their names in the file, for messages
     */
    static Backbone read(String prefix, Map<String, Shape> shapes) {
        var found = new FoundTensors(prefix, shapes);
        int dim = found.size(PATCH_EMBED, 4, 0);
        int headDim = found.size(FREQUENCIES, 2, 1);
        if (headDim < 1 || dim % headDim != 0) {
            throw new IllegalArgumentException("its heads are " + headDim + " wide ("
                    + Quoted.name(prefix + FREQUENCIES) + "), which does not divide its width " + dim + " ("
                    + Quoted.name(prefix + PATCH_EMBED) + ")");
        }
        return of(new VitConfig(
                found.size(PATCH_EMBED, 4, 2),
                dim,
                found.depth(ENCODER),
                dim / headDim,
                shapes.containsKey(REGISTERS) ? found.size(REGISTERS, 3, 1) : 0,
                Registers.Coordinates.EDGE,
                true,
                found.size(MASK_TOKEN, 2, 1),
                found.depth(DECODER)));
    }

    /** Refuses tensors that are not exactly these, and names each with the shape found and the shape wanted. */
    void check(String prefix, Map<String, Shape> found) {
        new FoundTensors(prefix, found).check(shapes);
    }
}

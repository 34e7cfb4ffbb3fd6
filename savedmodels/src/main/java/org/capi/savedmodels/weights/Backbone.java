package org.capi.savedmodels.weights;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.capi.graph.Parameters;
import org.capi.graph.vit.RegisterCoordinates;
import org.capi.graph.vit.VisionTransformer;
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
    private static final Pattern BLOCK = Pattern.compile("(encoder|decoder)\\.blocks\\.(\\d{1,6})\\..*");
    private static final List<String> ORDER = List.of(MASK_TOKEN, REGISTERS, "encoder.", "decoder.", "patch_embed.");
    private static final int MOST_FAULTS = 4;
    private static final int MOST_SIZE = 1 << 20;

    Backbone {
        shapes = Collections.unmodifiableMap(new LinkedHashMap<>(shapes));
    }

    /** The tensors that an architecture has. */
    static Backbone of(VitConfig config) {
        Map<String, Shape> declared = new LinkedHashMap<>();
        try (Graph graph = new Graph()) {
            var params = Parameters.create(Ops.create(graph), TFloat32.class, 0);
            VisionTransformer.create(params, config);
            params.list().forEach(parameter -> declared.put(parameter.name(), parameter.shape()));
        }
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

    /** Reads the architecture off the shapes of tensors that are named without a prefix. */
    static Backbone read(Map<String, Shape> found) {
        Shape patches = required(found, PATCH_EMBED, 4);
        Shape frequencies = required(found, FREQUENCIES, 2);
        Shape mask = required(found, MASK_TOKEN, 2);
        Shape registers = found.getOrDefault(REGISTERS, Shape.of(1, 0, patches.get(0)));
        int dim = size(PATCH_EMBED, patches, 0);
        int headDim = size(FREQUENCIES, frequencies, 1);
        if (headDim < 1 || dim % headDim != 0) {
            throw new IllegalArgumentException("its heads are " + headDim + " wide (" + PREFIX + FREQUENCIES
                    + "), which does not divide its width " + dim + " (" + PREFIX + PATCH_EMBED + ")");
        }
        return of(new VitConfig(
                size(PATCH_EMBED, patches, 2),
                dim,
                depth(found, "encoder"),
                dim / headDim,
                registers.numDimensions() == 3 ? size(REGISTERS, registers, 1) : 0,
                RegisterCoordinates.EDGE,
                true,
                size(MASK_TOKEN, mask, 1),
                depth(found, "decoder")));
    }

    /** Refuses tensors that are not exactly these, and names each with the shape found and the shape wanted. */
    void check(Map<String, Shape> found) {
        List<String> faults = new ArrayList<>();
        shapes.forEach((name, wanted) -> {
            Shape shape = found.get(name);
            if (shape == null && wanted.size() > 0) {
                faults.add("it lacks " + PREFIX + name + " " + wanted);
            } else if (shape != null && !shape.equals(wanted)) {
                faults.add(PREFIX + name + " has the shape " + shape + ", wanted is " + wanted);
            }
        });
        found.forEach((name, shape) -> {
            if (!shapes.containsKey(name)) {
                faults.add("no part of the model is called " + PREFIX + name + " " + shape);
            }
        });
        if (!faults.isEmpty()) {
            int more = faults.size() - MOST_FAULTS;
            throw new IllegalArgumentException(String.join(
                            "; ", faults.subList(0, Math.min(MOST_FAULTS, faults.size())))
                    + (more > 0 ? "; and " + more + " more" : ""));
        }
    }

    private static Shape required(Map<String, Shape> found, String name, int axes) {
        Shape shape = found.get(name);
        if (shape == null) {
            throw new IllegalArgumentException(
                    "it lacks " + PREFIX + name + ", without which its architecture is unknown");
        }
        if (shape.numDimensions() != axes) {
            throw new IllegalArgumentException(
                    PREFIX + name + " has the shape " + shape + ", wanted are " + axes + " axes");
        }
        return shape;
    }

    /** The size of an axis; tensors without numbers can claim any. */
    private static int size(String name, Shape shape, int axis) {
        long size = shape.get(axis);
        if (size > MOST_SIZE) {
            throw new IllegalArgumentException(
                    PREFIX + name + " has the shape " + shape + ", whose sizes are above " + MOST_SIZE);
        }
        return (int) size;
    }

    private static int depth(Map<String, Shape> found, String part) {
        var blocks = new TreeSet<Integer>();
        for (String name : found.keySet()) {
            var matcher = BLOCK.matcher(name);
            if (matcher.matches() && matcher.group(1).equals(part)) {
                blocks.add(Integer.parseInt(matcher.group(2)));
            }
        }
        if (blocks.isEmpty()) {
            throw new IllegalArgumentException("it lacks " + PREFIX + part + ".blocks");
        }
        if (blocks.last() != blocks.size() - 1) {
            throw new IllegalArgumentException(
                    "the blocks of its " + part + " are numbered " + blocks + ", which leaves some out");
        }
        return blocks.size();
    }
}

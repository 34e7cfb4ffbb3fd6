package org.capi.savedmodels.weights;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.capi.graph.Parameters;
import org.capi.graph.vit.FrozenEncoder;
import org.capi.graph.vit.Registers;
import org.capi.graph.vit.VitConfig;
import org.capi.savedmodels.SafeText;
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
            declared.keySet().stream()
                    .filter(name -> name.startsWith(part))
                    .forEach(name -> shapes.put(name, declared.get(name)));
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
        Map<String, Shape> first = declared(shallow);
        Map<String, Shape> declared = new LinkedHashMap<>();
        Map.of(ENCODER, config.depth(), DECODER, config.predictorDepth()).forEach((stack, depth) -> {
            String firstBlock = stack + ".0.";
            for (int block = 0; block < depth; block++) {
                String prefix = stack + "." + block + ".";
                first.forEach((name, shape) -> {
                    if (name.startsWith(firstBlock)) {
                        declared.put(prefix + name.substring(firstBlock.length()), shape);
                    }
                });
            }
        });
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

    /** Whether a name without a prefix is that of a part. */
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
                    + SafeText.name(prefix + FREQUENCIES) + "), which does not divide its width " + dim + " ("
                    + SafeText.name(prefix + PATCH_EMBED) + ")");
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

    /** As {@link FoundTensors#check}. */
    void check(String prefix, Map<String, Shape> found) {
        new FoundTensors(prefix, found).check(shapes);
    }

    /**
     * The tensors of an encoder as a file has them, from which its architecture is read; whatever is missing or has
     * another shape is named.
     *
     * @param prefix what stands before the names in the file
     * @param shapes under their names without it
     */
    record FoundTensors(String prefix, Map<String, Shape> shapes) {

        private static final int MAX_FAULTS = 4;
        private static final int MAX_SIZE = 1 << 20;
        private static final int MAX_DEPTH = 256;

        private String shown(String name) {
            return SafeText.name(prefix + name);
        }

        /** The size of an axis of a tensor that must be there; tensors without numbers can claim any. */
        int size(String name, int axes, int axis) {
            Shape shape = shapes.get(name);
            if (shape == null) {
                throw new IllegalArgumentException(
                        "it lacks " + shown(name) + ", without which its architecture is unknown");
            }
            if (shape.numDimensions() != axes) {
                throw new IllegalArgumentException(
                        shown(name) + " has the shape " + shape + ", wanted are " + axes + " axes");
            }
            long size = shape.get(axis);
            if (size > MAX_SIZE) {
                throw new IllegalArgumentException(
                        shown(name) + " has the shape " + shape + ", whose sizes are above " + MAX_SIZE);
            }
            return (int) size;
        }

        /** How many blocks there are below a name such as {@code encoder.blocks}. */
        int depth(String part) {
            var name = Pattern.compile(Pattern.quote(part) + "\\.(\\d{1,6})\\..*");
            var blocks = new TreeSet<Integer>();
            for (String found : shapes.keySet()) {
                var matcher = name.matcher(found);
                if (matcher.matches()) {
                    blocks.add(Integer.parseInt(matcher.group(1)));
                }
            }
            if (blocks.isEmpty()) {
                throw new IllegalArgumentException("it lacks " + shown(part));
            }
            if (blocks.last() != blocks.size() - 1) {
                String numbers =
                        blocks.stream().limit(MAX_DEPTH).map(String::valueOf).collect(Collectors.joining(", "));
                throw new IllegalArgumentException("its " + SafeText.name(prefix) + part + " are numbered ["
                        + SafeText.text(numbers) + "], which leaves some out");
            }
            if (blocks.size() > MAX_DEPTH) {
                throw new IllegalArgumentException("its " + SafeText.name(prefix) + part + " are " + blocks.size()
                        + "; a model has at most " + MAX_DEPTH);
            }
            return blocks.size();
        }

        /**
         * Refuses tensors that are not exactly the wanted ones, and names each with the shape found and the shape
         * wanted.
         */
        void check(Map<String, Shape> all) {
            List<String> faults = new ArrayList<>();
            all.forEach((name, wanted) -> {
                Shape shape = shapes.get(name);
                if (shape == null && wanted.size() > 0) {
                    faults.add("it lacks " + shown(name) + " " + wanted);
                } else if (shape != null && !shape.equals(wanted)) {
                    faults.add(shown(name) + " has the shape " + shape + ", wanted is " + wanted);
                }
            });
            shapes.forEach((name, shape) -> {
                if (!all.containsKey(name)) {
                    faults.add("no part of the model is called " + shown(name) + " " + shape);
                }
            });
            if (!faults.isEmpty()) {
                int more = faults.size() - MAX_FAULTS;
                throw new IllegalArgumentException(String.join(
                                "; ", faults.subList(0, Math.min(MAX_FAULTS, faults.size())))
                        + (more > 0 ? "; and " + more + " more" : ""));
            }
        }
    }
}

package org.capi.savedmodels.weights;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.capi.graph.vit.Normalization;
import org.capi.graph.vit.PooledVit;
import org.capi.graph.vit.PooledVit.Config.FeedForwards;
import org.capi.graph.vit.PooledVit.Config.Norms;
import org.capi.graph.vit.PooledVit.Config.Pooling;
import org.jspecify.annotations.Nullable;

/**
 * Encoders in files of the library birder: weights under {@code state.} with the pixels' mean and deviation ({@code
 * rgb_stats}) and the image size ({@code signature}), or the same as safetensors with those among the metadata.
 */
final class BirderFile {

    private static final String STATE = "state.";
    private static final String PATCHES = "conv_proj.weight";
    private static final String POSITIONS = "pos_embedding";
    private static final String HEAD = "classifier.";

    private BirderFile() {}

    static boolean isOne(WeightFile file) {
        return file.shapes().containsKey(STATE + PATCHES) || file.shapes().containsKey(PATCHES);
    }

    /**
     * The encoder in a file.
     *
     * @param network birder's name of it; null to take it from the file's name
     */
    static WeightImport.Found read(WeightFile file, @Nullable String network) {
        String fileName = String.valueOf(file.path().getFileName());
        var named = Network.of(network == null ? fileName.replaceFirst("\\.[a-z]+$", "") : network);
        String prefix = file.shapes().containsKey(STATE + PATCHES) ? STATE : "";
        file.requireWeights(name -> name.startsWith(prefix));
        Map<String, String> names = new LinkedHashMap<>();
        List<String> head = new ArrayList<>();
        file.shapes().keySet().forEach(stored -> {
            if (stored.startsWith(prefix + HEAD)) {
                head.add(stored);
            } else if (stored.startsWith(prefix)) {
                names.put(stored.substring(prefix.length()), stored);
            }
        });
        var tensors = file.renamed(names);
        var found = new Backbone.FoundTensors(prefix, tensors.shapes());
        PooledVit.Config config = config(file, found, named);
        found.check(Backbone.declared(config));
        return new WeightImport.Found(config, prefix, tensors, List.of(), head);
    }

    private static PooledVit.Config config(WeightFile file, Backbone.FoundTensors found, Network network) {
        int dim = found.size(PATCHES, 4, 0);
        if (dim != network.size().dim()) {
            throw new IllegalArgumentException(
                    network.name() + " has the width " + network.size().dim() + ", the file's is " + dim);
        }
        boolean gated = network.parts().contains("swiglu");
        boolean everyToken = !network.parts().contains("nps");
        Pooling pooling = network.parts().contains("avg") ? Pooling.PATCH_MEAN : Pooling.CLASS_TOKEN;
        int special = network.registers() + (pooling == Pooling.CLASS_TOKEN ? 1 : 0);
        int patches = found.size(POSITIONS, 3, 1) - (everyToken ? special : 0);
        int rows = rows(file, patches, network.patchSize());
        return new PooledVit.Config(
                network.patchSize(),
                dim,
                found.size("encoder.block.0.mlp." + (gated ? "fc1_g" : "0") + ".weight", 2, 0),
                found.depth("encoder.block"),
                network.size().heads(),
                network.registers(),
                rows,
                patches / rows,
                pooling,
                network.parts().contains("rms") ? Norms.RMS : Norms.LAYER,
                gated ? FeedForwards.SWIGLU : FeedForwards.GELU,
                everyToken,
                new Normalization(pixels(file, "mean"), pixels(file, "std")));
    }

    /** Patches from top to bottom of the training images; of a square where the file does not tell. */
    private static int rows(WeightFile file, int patches, int patchSize) {
        Optional<Number> height = file.number("signature.inputs.0.data_shape.2");
        int rows = height.map(pixels -> pixels.intValue() / patchSize).orElse((int) Math.sqrt(Math.max(0, patches)));
        if (rows < 1 || patches % rows != 0 || (height.isEmpty() && rows * rows != patches)) {
            throw new IllegalArgumentException(POSITIONS + " has the positions of " + patches
                    + " patches, which are no grid of " + rows + " rows: is it another network?");
        }
        return rows;
    }

    private static List<Float> pixels(WeightFile file, String what) {
        List<Float> values = new ArrayList<>();
        for (int channel = 0; channel < 3; channel++) {
            String name = "rgb_stats." + what + "." + channel;
            values.add(file.number(name)
                    .orElseThrow(() -> new IllegalArgumentException("it lacks " + name
                            + ", without which the normalisation of its pixels is unknown; birder writes it"))
                    .floatValue());
        }
        return values;
    }

    /**
     * What the name of a network tells in the library birder, such as {@code rope_vit_reg8_so150m_p14_swiglu_rms_avg}:
     * what the shapes of its weights do not.
     *
     * @param parts of the name after its size, of those that are known here
     */
    record Network(String name, Size size, int patchSize, int registers, Set<String> parts) {

        private static final Pattern NAME =
                Pattern.compile("rope_vit_(?:reg(\\d{1,3})_)?([a-z]+|so\\d+m_p)(\\d{1,3})((?:_.*)?)");
        /**
         * Gated layers, RMS norms, no learned positions of special tokens, and the mean of the patches for a whole
         * image.
         */
        private static final Set<String> KNOWN = Set.of("swiglu", "rms", "nps", "avg");
        /** Parts that make another network of the same shapes, or of shapes that are not known here. */
        private static final Pattern OTHER = Pattern.compile(
                "hmlp|bn|nape|pn|npn|nap|qkn|nf|soft|moe|ls|ap|aps|ep|eps|c\\d+|\\w*(elu|swish|act)|quick");

        private static final Map<String, Size> SIZES = Map.of(
                "t", new Size(192, 3),
                "s", new Size(384, 6),
                "m", new Size(512, 8),
                "b", new Size(768, 12),
                "l", new Size(1024, 16),
                "h", new Size(1280, 16),
                "so150m_p", new Size(896, 16),
                "so400m_p", new Size(1152, 16));

        /** The width that a size stands for, and its attention heads. */
        record Size(int dim, int heads) {}

        Network {
            parts = Set.copyOf(parts);
        }

        /** Reads a name, with or without what a file's name adds to it; a network that is not known here is refused. */
        static Network of(String name) {
            var matcher = NAME.matcher(name);
            if (!matcher.matches()) {
                throw new IllegalArgumentException(
                        "the network of birder must be given by a name such as rope_vit_reg4_b14, was " + name);
            }
            Size size = SIZES.get(matcher.group(2));
            List<String> parts = Arrays.stream(matcher.group(4).split("_"))
                    .filter(part -> !part.isEmpty())
                    .takeWhile(
                            part -> KNOWN.contains(part) || OTHER.matcher(part).matches())
                    .toList();
            for (String part : parts) {
                if (!KNOWN.contains(part)) {
                    throw new IllegalArgumentException(
                            "of birder's networks those with " + part + " are not known, was " + name);
                }
            }
            if (size == null) {
                throw new IllegalArgumentException(
                        "of birder's sizes " + matcher.group(2) + " is not known, was " + name);
            }
            String registers = matcher.group(1);
            return new Network(
                    name,
                    size,
                    Integer.parseInt(matcher.group(3)),
                    registers == null ? 0 : Integer.parseInt(registers),
                    Set.copyOf(parts));
        }
    }
}

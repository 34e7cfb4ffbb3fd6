package org.capi.savedmodels.weights;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.capi.graph.vit.Normalization;
import org.capi.graph.vit.PooledVit;
import org.capi.graph.vit.PooledVit.Config.FeedForwards;
import org.capi.graph.vit.PooledVit.Config.Norms;
import org.capi.graph.vit.PooledVit.Config.Pooling;
import org.jspecify.annotations.Nullable;

/**
 * Encoders in files of the library birder: weights under {@code state.} beside the pixels' mean and deviation ({@code
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
        var named = BirderNetwork.of(network == null ? fileName.replaceFirst("\\.[a-z]+$", "") : network);
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
        var tensors = RenamedTensors.of(file, names);
        var found = new FoundTensors(prefix, tensors.shapes());
        PooledVit.Config config = config(file, found, named);
        found.check(Backbone.declared(config));
        return new WeightImport.Found(config, prefix, tensors, List.of(), head);
    }

    private static PooledVit.Config config(WeightFile file, FoundTensors found, BirderNetwork network) {
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
}

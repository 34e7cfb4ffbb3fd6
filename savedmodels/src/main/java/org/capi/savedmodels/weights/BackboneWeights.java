package org.capi.savedmodels.weights;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.capi.graph.vit.VitConfig;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;

/**
 * The weights of an encoder and its predictor, wherever they lie, under their names without a prefix.
 *
 * @param tensors the weights
 * @param place where they lie, for messages
 * @param file what is open for them; null for none
 */
public record BackboneWeights(
        NamedTensors tensors, Path place, @Nullable WeightFile file) implements AutoCloseable {

    /** Opens a SavedModel's folder, or a {@code .pth} or {@code .safetensors} file, by what lies there. */
    public static BackboneWeights open(Path from) throws IOException {
        if (Files.isDirectory(from)) {
            return new BackboneWeights(SavedModelWeights.open(from), from, null);
        }
        WeightFile file = WeightFile.open(from);
        try {
            return new BackboneWeights(BackboneInFile.find(file).tensors(), from, file);
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /**
     * Takes them from a training checkpoint of ours.
     *
     * @param checkpoint the checkpoint's path without its extensions
     * @param namePrefix what stands before the weights' names there, such as {@code student_ema.backbone.}
     * @param config what they are the weights of
     */
    public static BackboneWeights ofCheckpoint(Path checkpoint, String namePrefix, VitConfig config) {
        Map<String, Shape> stored = new LinkedHashMap<>();
        Backbone.of(config).shapes().forEach((name, shape) -> {
            if (shape.size() > 0) { // the checkpoint has none of the registers of a model without
                stored.put(namePrefix + name, shape);
            }
        });
        var tensors = RenamedTensors.below(namePrefix, TensorFlowFiles.open(checkpoint, stored));
        return new BackboneWeights(tensors, checkpoint, null);
    }

    /** Refuses weights of another architecture, and names each with the shape found and the shape wanted. */
    public void check(VitConfig wanted) {
        try {
            Backbone.of(wanted).check(Backbone.PREFIX, tensors.shapes());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "the weights in " + place + " do not fit the configuration: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() throws IOException {
        if (file != null) {
            file.close();
        }
    }
}

package org.capi.savedmodels.weights;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.capi.graph.vit.VitConfig;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.ndarray.Shape;

/**
 * Writes the weights of an encoder as the reference implementation loads them: float32 tensors under {@code backbone.},
 * as a checkpoint of PyTorch ({@code .pth}, {@code .pt}) or as {@code .safetensors}, by the end of the file's name.
 */
public final class WeightExport {

    private WeightExport() {}

    /** The weights of a SavedModel of ours, into a file that does not exist yet. */
    public static void fromModel(Path model, Path to) throws IOException {
        WeightFormat format = checked(to);
        NamedTensors variables = SavedModelWeights.open(model);
        Backbone backbone;
        try {
            backbone = Backbone.read(variables.shapes());
            backbone.check(variables.shapes());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("the model " + model + " has other weights: " + e.getMessage(), e);
        }
        write(backbone, variables, format, to);
    }

    /**
     * The weights in a checkpoint of a run, into a file that does not exist yet.
     *
     * @param checkpoint the checkpoint's path without its extensions
     * @param namePrefix what stands before the weights' names there, such as {@code student_ema.backbone.}
     */
    public static void fromCheckpoint(VitConfig config, Path checkpoint, String namePrefix, Path to)
            throws IOException {
        WeightFormat format = checked(to);
        Backbone backbone = Backbone.of(config);
        Map<String, Shape> stored = new LinkedHashMap<>();
        backbone.shapes().forEach((name, shape) -> stored.put(namePrefix + name, shape));
        NamedTensors tensors = RenamedTensors.below(namePrefix, TensorFlowFiles.open(checkpoint, stored));
        write(backbone, tensors, format, to);
    }

    private static WeightFormat checked(Path to) {
        WeightFormat format = WeightFormat.of(to);
        NewFile.refuseExisting(to);
        return format;
    }

    private static void write(Backbone backbone, NamedTensors tensors, WeightFormat format, Path to)
            throws IOException {
        try (NewFile file = NewFile.create(to)) {
            format.write(new Published(backbone.shapes(), tensors), file);
            file.finish();
        } catch (TensorFlowException e) {
            throw new IOException("cannot read the weights: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new IOException("cannot write the weights to " + to + ": " + e.getMessage(), e);
        }
    }

    /** The tensors under their published names, in the reference's order. */
    private record Published(Map<String, Shape> bare, NamedTensors tensors) implements NamedTensors {

        @Override
        public Map<String, Shape> shapes() {
            Map<String, Shape> shapes = new LinkedHashMap<>();
            bare.forEach((name, shape) -> shapes.put(Backbone.PREFIX + name, shape));
            return shapes;
        }

        @Override
        public float[] floats(String name) throws IOException {
            String old = name.substring(Backbone.PREFIX.length());
            // The registers of a model without any are in published files, but not in ours.
            Shape shape = bare.get(old);
            return shape != null && shape.size() == 0 ? new float[0] : tensors.floats(old);
        }
    }
}

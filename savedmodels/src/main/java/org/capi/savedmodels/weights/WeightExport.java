package org.capi.savedmodels.weights;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.capi.graph.vit.PositionEmbedding;
import org.capi.graph.vit.Registers;
import org.capi.graph.vit.VitConfig;
import org.capi.savedmodels.ModelDescription;
import org.capi.savedmodels.NewPath;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.ndarray.Shape;

/**
 * Writes the weights of an encoder as the reference implementation loads them: float32 tensors under {@code backbone.},
 * as a checkpoint of PyTorch ({@code .pth}, {@code .pt}) or as {@code .safetensors}, by the end of the file's name.
 */
public final class WeightExport {

    private WeightExport() {}

    /**
     * The weights of a SavedModel of ours, into a file that does not exist yet.
     *
     * @return what the reference implementation would compute otherwise, a sentence for each; empty if it computes the
     *     same
     */
    public static List<String> fromModel(Path model, Path to) throws IOException {
        isTorch(to);
        NewPath.refuseExisting(to);
        NamedTensors variables = TensorFlowFiles.openModel(model);
        Backbone backbone;
        try {
            backbone = Backbone.read(Backbone.PREFIX, variables.shapes());
            backbone.check(Backbone.PREFIX, variables.shapes());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("the model " + model + " has other weights: " + e.getMessage(), e);
        }
        write(backbone, variables, to);
        JsonNode stated = ModelDescription.read(model).path("model");
        return differences(
                stated.path("register_coordinates").asText("edge").equals("edge"),
                stated.path("scale_registers_to_visible").asBoolean(true),
                true);
    }

    /**
     * The weights in a checkpoint of a run, into a file that does not exist yet.
     *
     * @param checkpoint the checkpoint's path without its extensions
     * @param namePrefix what stands before the weights' names there, such as {@code student_ema.backbone.}
     * @return as for {@link #fromModel}
     */
    public static List<String> fromCheckpoint(VitConfig config, Path checkpoint, String namePrefix, Path to)
            throws IOException {
        isTorch(to);
        NewPath.refuseExisting(to);
        Backbone backbone = Backbone.of(config);
        Map<String, Shape> stored = new LinkedHashMap<>();
        backbone.shapes().forEach((name, shape) -> stored.put(namePrefix + name, shape));
        NamedTensors tensors = TensorFlowFiles.open(checkpoint, stored).below(namePrefix);
        write(backbone, tensors, to);
        return differences(
                config.registerCoordinates() == Registers.Coordinates.EDGE,
                config.scaleRegistersToVisible(),
                config.positions().equals(PositionEmbedding.Kind.ROTARY));
    }

    /** The published loader takes no settings: it builds what the published models are. */
    private static List<String> differences(boolean onEdge, boolean scaled, boolean rotary) {
        List<String> differences = new ArrayList<>();
        if (!onEdge) {
            differences.add("its registers are at zero; the reference's loader puts them along the border");
        }
        if (!scaled) {
            differences.add("its registers are not scaled to the visible patches; the reference's loader scales them");
        }
        if (!rotary) {
            differences.add("its positions are not those of the published models, which the reference's loader builds");
        }
        return List.copyOf(differences);
    }

    /** Whether a file is named as those of PyTorch are, and not as safetensors; other names are refused. */
    private static boolean isTorch(Path file) {
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        if (!name.endsWith(".pth") && !name.endsWith(".pt") && !name.endsWith(".safetensors")) {
            throw new IllegalArgumentException(
                    "a file of weights must end in .pth, .pt or .safetensors, was " + file.getFileName());
        }
        return !name.endsWith(".safetensors");
    }

    /** Writes the tensors under their published names, in the reference's order. */
    private static void write(Backbone backbone, NamedTensors tensors, Path to) throws IOException {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        backbone.shapes().forEach((name, shape) -> shapes.put(Backbone.PREFIX + name, shape));
        // The registers of a model without any are in published files, but not in ours.
        var published = NamedTensors.of(shapes, name -> {
            boolean empty = Objects.requireNonNull(shapes.get(name)).size() == 0;
            return empty ? new float[0] : tensors.floats(name.substring(Backbone.PREFIX.length()));
        });
        try (NewPath file = NewPath.file(to)) {
            try (FileChannel channel = file.open()) {
                write(published, to, channel);
                channel.force(true);
            }
            file.finish();
        } catch (TensorFlowException e) {
            throw new IOException("cannot read the weights: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new IOException("cannot write the weights to " + to + ": " + e.getMessage(), e);
        }
    }

    /** Writes float32 tensors into an open file, in the format that its final name stands for. */
    static void write(NamedTensors tensors, Path name, FileChannel file) throws IOException {
        if (isTorch(name)) {
            TorchFile.write(tensors, file);
        } else {
            SafetensorsFile.write(tensors, file);
        }
    }
}

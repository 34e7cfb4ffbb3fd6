package org.capi.savedmodels.weights;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.capi.graph.vit.VitConfig;
import org.capi.savedmodels.Export;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;

/** Turns published weights into a SavedModel. */
public final class WeightImport {

    private static final String CHECKPOINT = "weights";
    private static final int MOST_NAMES = 6;

    private WeightImport() {}

    /**
     * What was imported.
     *
     * @param model the architecture, as the tensors' shapes show it
     * @param parameters how many numbers the model holds
     * @param ignored tensors of the file that an encoder does not need, such as those of a head
     */
    public record Imported(VitConfig model, long parameters, List<String> ignored) {

        /** Keeps an unmodifiable copy. */
        public Imported {
            ignored = List.copyOf(ignored);
        }
    }

    /**
     * Writes the SavedModel of the backbone in a file: of published weights, or the teacher of a training checkpoint of
     * the reference implementation. A file that is damaged, hostile or of another architecture is refused, and nothing
     * is left behind.
     *
     * @param to a folder that does not exist yet
     * @param wanted the architecture that the file must have; null to take the one that its shapes show
     */
    public static Imported run(Path from, Path to, @Nullable VitConfig wanted) throws IOException {
        if (Files.exists(to)) {
            throw new IllegalArgumentException("the model folder " + to + " exists already; give one that does not");
        }
        try (WeightFile file = WeightFile.open(from)) {
            NamedTensors tensors = backbone(file);
            Backbone backbone = architecture(file, tensors.shapes(), wanted);
            Map<String, String> names = new LinkedHashMap<>();
            tensors.shapes().forEach((name, shape) -> {
                if (shape.size() > 0) {
                    names.put(name, name);
                }
            });
            try (TemporaryFolder folder = TemporaryFolder.beside(to)) {
                Path checkpoint = folder.path().resolve(CHECKPOINT);
                TensorFlowFiles.write(new Finite(from, new RenamedTensors(tensors, names)), checkpoint);
                Export.encoder(backbone.config(), checkpoint, "", origin(file), to);
            }
            long parameters =
                    backbone.shapes().values().stream().mapToLong(Shape::size).sum();
            return new Imported(backbone.config(), parameters, ignored(file));
        }
    }

    /** The tensors of the encoder and its predictor, without a prefix. */
    static NamedTensors backbone(WeightFile file) {
        NamedTensors all = TrainingCheckpoint.isOne(file)
                ? RenamedTensors.below(
                        "student_ema.", TrainingCheckpoint.of(file).tensors())
                : file;
        NamedTensors tensors = RenamedTensors.below(Backbone.PREFIX, all);
        if (tensors.shapes().isEmpty()) {
            var names = new TreeSet<>(file.shapes().keySet());
            throw new IllegalArgumentException(
                    "the weights in " + file.path() + " are no backbone of CAPI: no name begins"
                            + " with " + Backbone.PREFIX + "; it has "
                            + (names.isEmpty()
                                    ? "no weights"
                                    : names.stream().limit(MOST_NAMES).collect(Collectors.joining(", "))
                                            + (names.size() > MOST_NAMES ? ", ..." : "")));
        }
        return tensors;
    }

    private static Backbone architecture(WeightFile file, Map<String, Shape> shapes, @Nullable VitConfig wanted) {
        file.requireWeights(Backbone.PREFIX);
        try {
            Backbone backbone = wanted == null ? Backbone.read(shapes) : Backbone.of(wanted);
            backbone.check(shapes);
            return backbone;
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("the weights in " + file.path() + " do not fit: " + e.getMessage(), e);
        }
    }

    private static Map<String, String> origin(WeightFile file) {
        return Map.of("weights_file", String.valueOf(file.path().getFileName()));
    }

    private static List<String> ignored(WeightFile file) {
        return TrainingCheckpoint.isOne(file)
                ? List.of()
                : file.shapes().keySet().stream()
                        .filter(name -> !name.startsWith(Backbone.PREFIX))
                        .toList();
    }

    /** Weights of a file that are finite numbers, every one. */
    private record Finite(Path file, NamedTensors tensors) implements NamedTensors {

        @Override
        public Map<String, Shape> shapes() {
            return tensors.shapes();
        }

        @Override
        public float[] floats(String name) throws IOException {
            float[] values = tensors.floats(name);
            for (int i = 0; i < values.length; i++) {
                if (!Float.isFinite(values[i])) {
                    throw new IllegalArgumentException(
                            "the weight " + Backbone.PREFIX + name + " in " + file + " holds " + values[i] + " (number "
                                    + i + "); every weight must be a finite float32 number");
                }
            }
            return values;
        }
    }
}

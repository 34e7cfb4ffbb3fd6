package org.capi.savedmodels.weights;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.capi.graph.vit.VitConfig;
import org.capi.savedmodels.SafeText;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;

/**
 * The weights of an encoder and its predictor, wherever they are stored, under their names without a prefix.
 *
 * @param place the path of the file or folder, for messages
 * @param file the file that is open for them; null for none
 */
public record BackboneWeights(
        NamedTensors tensors, Path place, @Nullable WeightFile file) implements AutoCloseable {

    /** Opens a SavedModel's folder, or a {@code .pth} or {@code .safetensors} file, by what lies there. */
    public static BackboneWeights open(Path from) throws IOException {
        if (Files.isDirectory(from)) {
            return new BackboneWeights(TensorFlowFiles.openModel(from), from, null);
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
        var tensors = TensorFlowFiles.open(checkpoint, stored).below(namePrefix);
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

    /**
     * The encoder and its predictor among the tensors of a file, whatever dictionaries and modules stand around them.
     *
     * @param prefix what stands before their names, without what PyTorch's wrappers add
     * @param tensors under their names without it
     * @param notes sentences about where they were found, where that is not simply {@code backbone.}
     * @param ignored names of what else the file holds
     */
    record BackboneInFile(
            WeightFile file, String prefix, NamedTensors tensors, List<String> notes, List<String> ignored) {

        private static final int MAX_NAMES = 6;
        /** Of several backbones, the first that lies below one of these is taken: the moving average of the weights. */
        private static final List<String> AVERAGES = List.of(
                "student_ema",
                "teacher",
                "ema",
                "model_ema",
                "ema_model",
                "state_dict_ema",
                "ema_state_dict",
                "momentum");

        /** The one backbone in a file, or the moving average among several; none, or several others, are refused. */
        static BackboneInFile find(WeightFile file) {
            if (TrainingCheckpoint.isOne(file)) {
                return inTrainingCheckpoint(file);
            }
            Map<String, String> stored = new LinkedHashMap<>();
            Set<String> twice = new HashSet<>();
            for (String name : file.shapes().keySet()) {
                String unwrapped = TrainingCheckpoint.unwrapped(name);
                if (stored.putIfAbsent(unwrapped, name) != null) {
                    twice.add(unwrapped);
                }
            }
            Map<String, String> prefixes = prefixes(stored);
            if (prefixes.isEmpty()) {
                throw new IllegalArgumentException(
                        "the weights in " + file.path() + " are no backbone of CAPI: no name begins with "
                                + Backbone.PREFIX + "; it has " + first(stored.values()));
            }
            String prefix = best(prefixes, file);
            Map<String, String> names = new LinkedHashMap<>();
            stored.forEach((unwrapped, name) -> {
                if (isPart(unwrapped, prefix)) {
                    names.put(unwrapped.substring(prefix.length()), name);
                    if (twice.contains(unwrapped)) {
                        throw new IllegalArgumentException(
                                "the file " + file.path() + " holds " + SafeText.name(unwrapped) + " twice");
                    }
                }
            });
            file.requireWeights(name -> isPart(TrainingCheckpoint.unwrapped(name), prefix));
            List<String> notes = new ArrayList<>();
            String place = prefixes.getOrDefault(prefix, prefix);
            if (!place.equals(Backbone.PREFIX)) {
                notes.add("the backbone's weights are those named " + SafeText.name(place + "*"));
            }
            prefixes.forEach((other, otherPlace) -> {
                if (!other.equals(prefix)) {
                    notes.add("another backbone is left out: " + SafeText.name(otherPlace + "*"));
                }
            });
            return new BackboneInFile(
                    file, prefix, file.renamed(names), notes, file.namesWithout(new HashSet<>(names.values())));
        }

        private static BackboneInFile inTrainingCheckpoint(WeightFile file) {
            var checkpoint = TrainingCheckpoint.of(file);
            String prefix = TrainingCheckpoint.AVERAGE + Backbone.PREFIX;
            String note = "the backbone is the moving average (student_ema) of a training checkpoint at iteration "
                    + checkpoint.iteration();
            return new BackboneInFile(
                    file, Backbone.PREFIX, checkpoint.tensors().below(prefix), List.of(note), List.of());
        }

        /** Its sizes; tensors that are not exactly those of an architecture are refused. */
        VitConfig architecture(@Nullable VitConfig wanted) {
            if (!tensors.shapes().containsKey(Backbone.REGISTERS)) {
                throw new IllegalArgumentException("it lacks " + SafeText.name(prefix + Backbone.REGISTERS)
                        + ", which is empty in a model without registers");
            }
            Backbone backbone = wanted == null ? Backbone.read(prefix, tensors.shapes()) : Backbone.of(wanted);
            backbone.check(prefix, tensors.shapes());
            return backbone.config();
        }

        /**
         * Whether a name is one of the backbone's; without a prefix of its own, there may be others next to its parts.
         */
        private static boolean isPart(String name, String prefix) {
            return name.startsWith(prefix)
                    && (prefix.endsWith(Backbone.PREFIX) || Backbone.isPart(name.substring(prefix.length())));
        }

        /** What stands before the names of a backbone, for each one in a file, with the same as the file has it. */
        private static Map<String, String> prefixes(Map<String, String> stored) {
            Map<String, Integer> marks = new LinkedHashMap<>();
            Map<String, String> places = new LinkedHashMap<>();
            stored.forEach((name, storedName) -> {
                for (String mark : Backbone.MARKS) {
                    if (name.equals(mark) || name.endsWith("." + mark)) {
                        String prefix = name.substring(0, name.length() - mark.length());
                        marks.merge(prefix, 1, Integer::sum);
                        String lastPart = mark.substring(0, (mark + ".").indexOf('.'));
                        places.putIfAbsent(prefix, storedName.substring(0, storedName.lastIndexOf(lastPart)));
                    }
                }
            });
            // One mark may be missing in a damaged backbone, and a single one may be in another model.
            int most = marks.values().stream().max(Comparator.naturalOrder()).orElse(0);
            int enough = Math.min(most, Backbone.MARKS.size() / 2 + 1);
            places.keySet().removeIf(prefix -> marks.getOrDefault(prefix, 0) < enough);
            return places;
        }

        private static String best(Map<String, String> prefixes, WeightFile file) {
            int least = prefixes.keySet().stream()
                    .mapToInt(BackboneInFile::rank)
                    .min()
                    .orElseThrow();
            List<String> best = prefixes.keySet().stream()
                    .filter(prefix -> rank(prefix) == least)
                    .toList();
            if (best.size() > 1) {
                throw new IllegalArgumentException("the file " + file.path() + " holds " + best.size()
                        + " backbones, below " + first(best) + "; it must hold one, or one that is a moving average");
            }
            return best.get(0);
        }

        private static int rank(String prefix) {
            return List.of(prefix.split("\\.")).stream()
                    .mapToInt(AVERAGES::indexOf)
                    .filter(index -> index >= 0)
                    .min()
                    .orElse(AVERAGES.size());
        }

        private static String first(Iterable<String> names) {
            var sorted = new TreeSet<String>();
            names.forEach(sorted::add);
            return sorted.isEmpty()
                    ? "no weights"
                    : sorted.stream().limit(MAX_NAMES).map(SafeText::name).collect(Collectors.joining(", "))
                            + (sorted.size() > MAX_NAMES ? ", ..." : "");
        }
    }
}

package org.capi.savedmodels.weights;

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
import org.jspecify.annotations.Nullable;

/**
 * The encoder and its predictor among the tensors of a file, whatever dictionaries and modules stand around them.
 *
 * @param prefix what stands before their names, without what PyTorch's wrappers add
 * @param tensors under their names without it
 * @param notes sentences about where they were found, where that is not simply {@code backbone.}
 * @param ignored names of what else the file holds
 */
record BackboneInFile(WeightFile file, String prefix, NamedTensors tensors, List<String> notes, List<String> ignored) {

    private static final int MOST_NAMES = 6;
    /** Of several backbones, the first that lies below one of these is taken: the moving average of the weights. */
    private static final List<String> AVERAGES = List.of(
            "student_ema", "teacher", "ema", "model_ema", "ema_model", "state_dict_ema", "ema_state_dict", "momentum");

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
                    "the weights in " + file.path() + " are no backbone of CAPI: no name begins" + " with "
                            + Backbone.PREFIX + "; it has " + first(stored.values()));
        }
        String prefix = best(prefixes, file);
        Map<String, String> names = new LinkedHashMap<>();
        stored.forEach((unwrapped, name) -> {
            if (isPart(unwrapped, prefix)) {
                names.put(unwrapped.substring(prefix.length()), name);
                if (twice.contains(unwrapped)) {
                    throw new IllegalArgumentException(
                            "the file " + file.path() + " holds " + Quoted.name(unwrapped) + " twice");
                }
            }
        });
        file.requireWeights(name -> isPart(TrainingCheckpoint.unwrapped(name), prefix));
        List<String> notes = new ArrayList<>();
        String place = prefixes.getOrDefault(prefix, prefix);
        if (!place.equals(Backbone.PREFIX)) {
            notes.add("the backbone's weights are those named " + Quoted.name(place + "*"));
        }
        prefixes.forEach((other, otherPlace) -> {
            if (!other.equals(prefix)) {
                notes.add("another backbone is left out: " + Quoted.name(otherPlace + "*"));
            }
        });
        return new BackboneInFile(
                file, prefix, RenamedTensors.of(file, names), notes, file.namesWithout(new HashSet<>(names.values())));
    }

    private static BackboneInFile inTrainingCheckpoint(WeightFile file) {
        var checkpoint = TrainingCheckpoint.of(file);
        String prefix = TrainingCheckpoint.AVERAGE + Backbone.PREFIX;
        String note = "the backbone is the moving average (student_ema) of a training checkpoint at iteration "
                + checkpoint.iteration();
        return new BackboneInFile(
                file, Backbone.PREFIX, RenamedTensors.below(prefix, checkpoint.tensors()), List.of(note), List.of());
    }

    /** Its sizes; tensors that are not exactly those of an architecture are refused. */
    VitConfig architecture(@Nullable VitConfig wanted) {
        if (!tensors.shapes().containsKey(Backbone.REGISTERS)) {
            throw new IllegalArgumentException("it lacks " + Quoted.name(prefix + Backbone.REGISTERS)
                    + ", which is empty in a model without registers");
        }
        Backbone backbone = wanted == null ? Backbone.read(prefix, tensors.shapes()) : Backbone.of(wanted);
        backbone.check(prefix, tensors.shapes());
        return backbone.config();
    }

    /** Whether a name is one of the backbone's; beside its parts there may be others where it has no folder of its own. */
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
        // One mark may be missing in a damaged backbone, and a single one may stand in another model.
        int most = marks.values().stream().max(Comparator.naturalOrder()).orElse(0);
        int enough = Math.min(most, Backbone.MARKS.size() / 2 + 1);
        marks.forEach((prefix, count) -> {
            if (count < enough) {
                places.remove(prefix);
            }
        });
        return places;
    }

    private static String best(Map<String, String> prefixes, WeightFile file) {
        int least =
                prefixes.keySet().stream().mapToInt(BackboneInFile::rank).min().orElseThrow();
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
                : sorted.stream().limit(MOST_NAMES).map(Quoted::name).collect(Collectors.joining(", "))
                        + (sorted.size() > MOST_NAMES ? ", ..." : "");
    }
}

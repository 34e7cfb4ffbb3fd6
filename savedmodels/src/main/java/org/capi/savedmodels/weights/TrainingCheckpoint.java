package org.capi.savedmodels.weights;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.capi.savedmodels.SafeText;
import org.tensorflow.ndarray.Shape;

/**
 * A training checkpoint of the reference implementation, written by one process, under the names that checkpoints have
 * here.
 *
 * <p>Tensors: {@code student.backbone.*}, {@code student.head.last_layer.*}, {@code student_ema.*} likewise, {@code
 * teacher.head.layer.*}, and the moments of AdamW {@code adam.m.*} and {@code adam.v.*} of what they belong to.
 *
 * @param iteration the last step that was done, counted from 0
 * @param hasMoments whether the optimizers' moments are there, each in the shape of its weight
 */
public record TrainingCheckpoint(NamedTensors tensors, long iteration, boolean hasMoments) {

    /** What stands before the names of the student's moving average. */
    static final String AVERAGE = "student_ema.";

    private static final String ITERATION = "iteration";
    private static final String MODEL = "model.";
    /** What wrappers of PyTorch put between the parts of a name. */
    private static final Set<String> WRAPPERS = Set.of(
            "module",
            "parametrizations",
            "original",
            "_checkpoint_wrapped_module",
            "_fsdp_wrapped_module",
            "_orig_mod");

    /** Whether a file has the form of such a checkpoint. */
    public static boolean isOne(WeightFile file) {
        return file.number(ITERATION).isPresent()
                && file.shapes().keySet().stream()
                        .anyMatch(name -> name.startsWith(MODEL)
                                && unwrapped(name.substring(MODEL.length())).startsWith(AVERAGE));
    }

    /** The checkpoint in a file; a file of another form is refused. */
    public static TrainingCheckpoint of(WeightFile file) {
        if (!isOne(file)) {
            throw new IllegalArgumentException("the file " + file.path()
                    + " is not a training checkpoint of the reference: it must hold iteration and model");
        }
        Map<String, String> names = new LinkedHashMap<>();
        for (String stored : file.shapes().keySet()) {
            String name = stored.startsWith(MODEL) ? unwrapped(stored.substring(MODEL.length())) : "";
            // The teacher's backbone is the student's moving average, stored twice under two names.
            if (!name.isEmpty() && !name.startsWith("teacher.backbone.") && names.put(name, stored) != null) {
                throw new IllegalArgumentException(
                        "the file " + file.path() + " holds " + SafeText.name(name) + " twice");
            }
        }
        Map<String, String> moments = new LinkedHashMap<>();
        boolean complete = addMoments(file, "optimizer.", groups(below("student.", names)), names, moments)
                && addMoments(file, "clustering_optimizer.", List.of(below("teacher.head.", names)), names, moments);
        if (complete) {
            names.putAll(moments);
        }
        long iteration = file.number(ITERATION).orElseThrow().longValue();
        return new TrainingCheckpoint(file.renamed(names), iteration, complete);
    }

    /** A name without what wrappers put into it. */
    static String unwrapped(String name) {
        return Arrays.stream(name.split("\\."))
                .filter(part -> !WRAPPERS.contains(part))
                .collect(Collectors.joining("."));
    }

    private static List<String> below(String prefix, Map<String, String> names) {
        return names.keySet().stream().filter(name -> name.startsWith(prefix)).toList();
    }

    /** The student's weights as its optimizer groups them, by the multipliers of rate and decay. */
    private static List<List<String>> groups(List<String> names) {
        Map<String, List<String>> groups = new LinkedHashMap<>();
        for (String name : names) {
            String rate = name.contains("patch_embed") ? "patch" : name.contains("rope") ? "rope" : "usual";
            boolean norm = name.contains("norm") && name.contains("weight");
            String decay = norm ? "norm" : name.endsWith(".bias") ? "none" : "usual";
            groups.computeIfAbsent(rate + " " + decay, group -> new ArrayList<>())
                    .add(name);
        }
        return List.copyOf(groups.values());
    }

    /**
     * Adds where the moments of each weight are; an optimizer numbers its weights from group to group.
     *
     * @return whether the groups begin as the file states and every moment has its weight's shape
     */
    private static boolean addMoments(
            WeightFile file,
            String optimizer,
            List<List<String>> groups,
            Map<String, String> stored,
            Map<String, String> moments) {
        int number = 0;
        for (int group = 0; group < groups.size(); group++) {
            var first = file.number(optimizer + "param_groups." + group + ".params.0");
            if (first.isEmpty() || first.get().longValue() != number) {
                return false;
            }
            for (String name : groups.get(group)) {
                String state = optimizer + "state." + number + ".";
                Shape shape = file.shapes().get(stored.get(name));
                if (!Objects.equals(shape, file.shapes().get(state + "exp_avg"))
                        || !Objects.equals(shape, file.shapes().get(state + "exp_avg_sq"))) {
                    return false;
                }
                moments.put("adam.m." + name, state + "exp_avg");
                moments.put("adam.v." + name, state + "exp_avg_sq");
                number++;
            }
        }
        return file.number(optimizer + "param_groups." + groups.size() + ".params.0")
                .isEmpty();
    }
}

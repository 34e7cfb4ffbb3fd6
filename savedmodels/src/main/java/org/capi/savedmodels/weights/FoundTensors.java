package org.capi.savedmodels.weights;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.tensorflow.ndarray.Shape;

/**
 * The tensors of an encoder as a file has them, from which its architecture is read; whatever is missing or has another
 * shape is named.
 *
 * @param prefix what stands before the names in the file
 * @param shapes under their names without it
 */
record FoundTensors(String prefix, Map<String, Shape> shapes) {

    private static final int MOST_FAULTS = 4;
    private static final int MOST_SIZE = 1 << 20;
    private static final int MAX_DEPTH = 256;

    /** The size of an axis of a tensor that must be there; tensors without numbers can claim any. */
    int size(String name, int axes, int axis) {
        Shape shape = shapes.get(name);
        if (shape == null) {
            throw new IllegalArgumentException(
                    "it lacks " + Quoted.name(prefix + name) + ", without which its architecture is unknown");
        }
        if (shape.numDimensions() != axes) {
            throw new IllegalArgumentException(
                    Quoted.name(prefix + name) + " has the shape " + shape + ", wanted are " + axes + " axes");
        }
        long size = shape.get(axis);
        if (size > MOST_SIZE) {
            throw new IllegalArgumentException(
                    Quoted.name(prefix + name) + " has the shape " + shape + ", whose sizes are above " + MOST_SIZE);
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
            throw new IllegalArgumentException("it lacks " + Quoted.name(prefix + part));
        }
        if (blocks.last() != blocks.size() - 1) {
            String numbers =
                    blocks.stream().limit(MAX_DEPTH).map(String::valueOf).collect(Collectors.joining(", "));
            throw new IllegalArgumentException("its " + Quoted.name(prefix) + part + " are numbered ["
                    + Quoted.text(numbers) + "], which leaves some out");
        }
        if (blocks.size() > MAX_DEPTH) {
            throw new IllegalArgumentException("its " + Quoted.name(prefix) + part + " are " + blocks.size()
                    + "; a model has at most " + MAX_DEPTH);
        }
        return blocks.size();
    }

    /** Refuses tensors that are not exactly the wanted ones, and names each with the shape found and the shape wanted. */
    void check(Map<String, Shape> all) {
        List<String> faults = new ArrayList<>();
        all.forEach((name, wanted) -> {
            Shape shape = shapes.get(name);
            if (shape == null && wanted.size() > 0) {
                faults.add("it lacks " + Quoted.name(prefix + name) + " " + wanted);
            } else if (shape != null && !shape.equals(wanted)) {
                faults.add(Quoted.name(prefix + name) + " has the shape " + shape + ", wanted is " + wanted);
            }
        });
        shapes.forEach((name, shape) -> {
            if (!all.containsKey(name)) {
                faults.add("no part of the model is called " + Quoted.name(prefix + name) + " " + shape);
            }
        });
        if (!faults.isEmpty()) {
            int more = faults.size() - MOST_FAULTS;
            throw new IllegalArgumentException(String.join(
                            "; ", faults.subList(0, Math.min(MOST_FAULTS, faults.size())))
                    + (more > 0 ? "; and " + more + " more" : ""));
        }
    }
}

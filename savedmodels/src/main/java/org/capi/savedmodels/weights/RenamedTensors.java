package org.capi.savedmodels.weights;

import java.io.IOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.tensorflow.ndarray.Shape;

/**
 * Some tensors of another collection under new names.
 *
 * @param names the new names in order, each with the old one
 * @param shapes of those that are there, under their new names
 */
record RenamedTensors(NamedTensors tensors, Map<String, String> names, Map<String, Shape> shapes)
        implements NamedTensors {

    RenamedTensors {
        names = Collections.unmodifiableMap(new LinkedHashMap<>(names));
        shapes = Collections.unmodifiableMap(new LinkedHashMap<>(shapes));
    }

    /** The tensors that have a new name; the others are left out. */
    static RenamedTensors of(NamedTensors tensors, Map<String, String> names) {
        Map<String, Shape> old = tensors.shapes();
        Map<String, Shape> shapes = new LinkedHashMap<>();
        names.forEach((name, oldName) -> {
            Shape shape = old.get(oldName);
            if (shape != null) {
                shapes.put(name, shape);
            }
        });
        return new RenamedTensors(tensors, names, shapes);
    }

    /** The tensors whose names begin with a prefix, without it. */
    static RenamedTensors below(String prefix, NamedTensors tensors) {
        Map<String, String> names = new LinkedHashMap<>();
        for (String name : tensors.shapes().keySet()) {
            if (name.startsWith(prefix)) {
                names.put(name.substring(prefix.length()), name);
            }
        }
        return of(tensors, names);
    }

    @Override
    public float[] floats(String name) throws IOException {
        String old = names.get(name);
        if (old == null) {
            throw new IllegalArgumentException("there is no weight " + name);
        }
        return tensors.floats(old);
    }
}

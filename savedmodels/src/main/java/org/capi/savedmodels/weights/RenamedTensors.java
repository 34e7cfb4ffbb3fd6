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
 */
record RenamedTensors(NamedTensors tensors, Map<String, String> names) implements NamedTensors {

    RenamedTensors {
        names = Collections.unmodifiableMap(new LinkedHashMap<>(names));
    }

    /** The tensors whose names begin with a prefix, without it. */
    static RenamedTensors below(String prefix, NamedTensors tensors) {
        Map<String, String> names = new LinkedHashMap<>();
        for (String name : tensors.shapes().keySet()) {
            if (name.startsWith(prefix)) {
                names.put(name.substring(prefix.length()), name);
            }
        }
        return new RenamedTensors(tensors, names);
    }

    @Override
    public Map<String, Shape> shapes() {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        names.forEach((name, old) -> {
            Shape shape = tensors.shapes().get(old);
            if (shape != null) {
                shapes.put(name, shape);
            }
        });
        return shapes;
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

package org.capi.savedmodels.weights;

import java.io.IOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.tensorflow.ndarray.Shape;

/** Tensors under their names, wherever they are kept. */
public interface NamedTensors {

    /** The names in the order of the file, each with its tensor's shape. */
    Map<String, Shape> shapes();

    /** The values of a tensor in row-major order, widened or narrowed to float32; an unknown name is refused. */
    float[] floats(String name) throws IOException;

    /** These tensors under new names, each given with the old one; the others are left out. */
    default NamedTensors renamed(Map<String, String> names) {
        Map<String, Shape> old = shapes();
        Map<String, Shape> shapes = new LinkedHashMap<>();
        names.forEach((name, oldName) -> {
            if (old.containsKey(oldName)) {
                shapes.put(name, old.get(oldName));
            }
        });
        return new Renamed(this, Map.copyOf(names), Collections.unmodifiableMap(shapes));
    }

    /** The tensors whose names begin with a prefix, without it. */
    default NamedTensors below(String prefix) {
        Map<String, String> names = new LinkedHashMap<>();
        for (String name : shapes().keySet()) {
            if (name.startsWith(prefix)) {
                names.put(name.substring(prefix.length()), name);
            }
        }
        return renamed(names);
    }

    /** Some tensors of another collection under new names. */
    record Renamed(NamedTensors tensors, Map<String, String> names, Map<String, Shape> shapes) implements NamedTensors {

        @Override
        public float[] floats(String name) throws IOException {
            String old = names.get(name);
            if (old == null) {
                throw new IllegalArgumentException("there is no weight " + name);
            }
            return tensors.floats(old);
        }
    }
}

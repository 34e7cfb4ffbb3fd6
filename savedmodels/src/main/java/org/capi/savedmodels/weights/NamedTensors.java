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

    /** Reads the values of a tensor. */
    @FunctionalInterface
    interface Reader {
        float[] floats(String name) throws IOException;
    }

    /** Tensors of some shapes, whose values are read when they are needed. */
    static NamedTensors of(Map<String, Shape> shapes, Reader reader) {
        record LazyTensors(Map<String, Shape> shapes, Reader reader) implements NamedTensors {
            @Override
            public float[] floats(String name) throws IOException {
                return reader.floats(name);
            }
        }
        return new LazyTensors(Collections.unmodifiableMap(new LinkedHashMap<>(shapes)), reader);
    }

    /** These tensors under new names, each given with the old one; the others are left out. */
    default NamedTensors renamed(Map<String, String> names) {
        Map<String, Shape> old = shapes();
        Map<String, Shape> shapes = new LinkedHashMap<>();
        names.forEach((name, oldName) -> {
            if (old.containsKey(oldName)) {
                shapes.put(name, old.get(oldName));
            }
        });
        Map<String, String> kept = Map.copyOf(names);
        return of(shapes, name -> {
            String oldName = kept.get(name);
            if (oldName == null) {
                throw new IllegalArgumentException("there is no weight " + name);
            }
            return floats(oldName);
        });
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
}

package org.capi.savedmodels.weights;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.tensorflow.ndarray.Shape;

/** Tensors in memory. */
record MapTensors(Map<String, Shape> shapes, Map<String, float[]> values) implements NamedTensors {

    /** Seeded values for every shape of a backbone, under its published names. */
    static MapTensors random(Backbone backbone, long seed) {
        var random = new SplittableRandom(seed);
        Map<String, Shape> shapes = new LinkedHashMap<>();
        Map<String, float[]> values = new LinkedHashMap<>();
        backbone.shapes().forEach((name, shape) -> {
            float[] numbers = new float[Math.toIntExact(shape.size())];
            for (int i = 0; i < numbers.length; i++) {
                numbers[i] = (float) random.nextDouble(-1, 1);
            }
            shapes.put(Backbone.PREFIX + name, shape);
            values.put(Backbone.PREFIX + name, numbers);
        });
        return new MapTensors(shapes, values);
    }

    @Override
    public float[] floats(String name) {
        float[] numbers = values.get(name);
        if (numbers == null) {
            throw new IllegalArgumentException("there is no weight " + name);
        }
        return numbers;
    }
}

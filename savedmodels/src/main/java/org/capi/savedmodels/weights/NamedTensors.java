package org.capi.savedmodels.weights;

import java.io.IOException;
import java.util.Map;
import org.tensorflow.ndarray.Shape;

/** Tensors under their names, wherever they are kept. */
public interface NamedTensors {

    /** The names in the order of the file, each with its tensor's shape. */
    Map<String, Shape> shapes();

    /** The values of a tensor in row-major order, widened or narrowed to float32; an unknown name is refused. */
    float[] floats(String name) throws IOException;
}

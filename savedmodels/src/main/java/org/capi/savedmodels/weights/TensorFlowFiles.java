package org.capi.savedmodels.weights;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TString;

/** Tensors as TensorFlow's checkpoints, in parts so that few of them are in memory at a time. */
final class TensorFlowFiles {

    private static final long MOST_BYTES_AT_ONCE = 256L << 20;

    private TensorFlowFiles() {}

    /**
     * Writes tensors under their names.
     *
     * @param prefix the checkpoint's path without its extensions, in a folder that exists
     */
    static void write(NamedTensors tensors, Path prefix) throws IOException {
        List<String> parts = new ArrayList<>();
        List<String> names = new ArrayList<>();
        long bytes = 0;
        for (Map.Entry<String, Shape> entry : tensors.shapes().entrySet()) {
            names.add(entry.getKey());
            bytes += Float.BYTES * entry.getValue().size();
            if (bytes >= MOST_BYTES_AT_ONCE) {
                parts.add(writePart(tensors, names, prefix + ".part-" + parts.size()));
                names.clear();
                bytes = 0;
            }
        }
        if (!names.isEmpty()) {
            parts.add(writePart(tensors, names, prefix + ".part-" + parts.size()));
        }
        merge(parts, prefix);
    }

    private static String writePart(NamedTensors tensors, List<String> names, String prefix) throws IOException {
        List<TFloat32> values = new ArrayList<>();
        try (Graph graph = new Graph()) {
            Ops tf = Ops.create(graph);
            List<Operand<?>> placeholders = new ArrayList<>();
            for (String name : names) {
                placeholders.add(tf.placeholder(TFloat32.class));
                values.add(tensor(tensors, name));
            }
            var save = tf.train.save(
                    tf.constant(prefix),
                    tf.array(names.toArray(String[]::new)),
                    tf.array(names.stream().map(name -> "").toArray(String[]::new)),
                    placeholders);
            try (Session session = new Session(graph)) {
                var runner = session.runner().addTarget(save);
                for (int i = 0; i < values.size(); i++) {
                    runner.feed(placeholders.get(i), values.get(i));
                }
                runner.run().close();
            }
        } finally {
            values.forEach(TFloat32::close);
        }
        return prefix;
    }

    private static TFloat32 tensor(NamedTensors tensors, String name) throws IOException {
        float[] values = tensors.floats(name);
        return TFloat32.tensorOf(tensors.shapes().get(name), DataBuffers.of(values, true, false));
    }

    private static void merge(List<String> parts, Path prefix) {
        try (Graph graph = new Graph()) {
            Ops tf = Ops.create(graph);
            Op merge =
                    tf.train.mergeV2Checkpoints(tf.array(parts.toArray(String[]::new)), tf.constant(prefix.toString()));
            try (Session session = new Session(graph)) {
                session.runner().addTarget(merge).run().close();
            }
        }
    }

    /**
     * The tensors of a checkpoint; it is looked into when they are asked for.
     *
     * @param shapes the names and shapes that are known to be there
     */
    static NamedTensors open(Path prefix, Map<String, Shape> shapes) {
        return new Stored(prefix, shapes);
    }

    private record Stored(Path prefix, Map<String, Shape> shapes) implements NamedTensors {

        @Override
        public float[] floats(String name) throws IOException {
            try (Graph graph = new Graph();
                    TString wanted = TString.tensorOf(NdArrays.vectorOfObjects(name))) {
                Ops tf = Ops.create(graph);
                Operand<TString> names = tf.placeholder(TString.class);
                var restored =
                        tf.train.restore(tf.constant(prefix.toString()), names, tf.array(""), List.of(TFloat32.class));
                try (Session session = new Session(graph);
                        var result = session.runner()
                                .feed(names, wanted)
                                .fetch(restored.tensors().get(0))
                                .run()) {
                    TFloat32 tensor = (TFloat32) result.get(0);
                    if (!tensor.shape().equals(shapes.get(name))) {
                        throw new IOException("the checkpoint " + prefix + " holds " + name + " in the shape "
                                + tensor.shape() + ", wanted is " + shapes.get(name));
                    }
                    float[] values = new float[Math.toIntExact(tensor.shape().size())];
                    tensor.asRawTensor().data().asFloats().read(values);
                    return values;
                }
            }
        }
    }
}

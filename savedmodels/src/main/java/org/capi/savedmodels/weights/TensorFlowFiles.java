package org.capi.savedmodels.weights;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.proto.TensorShapeProto;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TString;

/** Tensors as TensorFlow's checkpoints, in parts so that few of them are in memory at a time. */
final class TensorFlowFiles {

    private static final String GRAPH = "saved_model.pb";
    private static final String VARIABLES = "variables";
    private static final long MAX_PART_BYTES = 256L << 20;

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
            if (bytes >= MAX_PART_BYTES) {
                parts.add(writePart(tensors, names, prefix + ".part-" + parts.size()));
                names.clear();
                bytes = 0;
            }
        }
        if (!names.isEmpty()) {
            parts.add(writePart(tensors, names, prefix + ".part-" + parts.size()));
        }
        try (Graph graph = new Graph()) {
            Ops tf = Ops.create(graph);
            var merge =
                    tf.train.mergeV2Checkpoints(tf.array(parts.toArray(String[]::new)), tf.constant(prefix.toString()));
            try (Session session = new Session(graph)) {
                session.runner().addTarget(merge).run().close();
            }
        }
    }

    private static String writePart(NamedTensors tensors, List<String> names, String prefix) throws IOException {
        List<TFloat32> values = new ArrayList<>();
        try (Graph graph = new Graph()) {
            Ops tf = Ops.create(graph);
            List<Operand<?>> placeholders = new ArrayList<>();
            for (String name : names) {
                placeholders.add(tf.placeholder(TFloat32.class));
                float[] numbers = tensors.floats(name);
                values.add(TFloat32.tensorOf(tensors.shapes().get(name), DataBuffers.of(numbers, true, false)));
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

    /** The variables of a SavedModel under their names; a folder that is no SavedModel, or has none, is refused. */
    static NamedTensors openModel(Path model) throws IOException {
        Path graph = model.resolve(GRAPH);
        Path variables = model.resolve(VARIABLES).resolve(VARIABLES);
        for (Path file : List.of(graph, variables.resolveSibling(VARIABLES + ".index"))) {
            if (!Files.isRegularFile(file)) {
                throw new IllegalArgumentException(
                        "the folder " + model + " is not a SavedModel with weights: it lacks the file " + file);
            }
        }
        Map<String, Shape> shapes = new LinkedHashMap<>();
        for (var meta : SavedModel.parseFrom(Files.readAllBytes(graph)).getMetaGraphsList()) {
            for (NodeDef node : meta.getGraphDef().getNodeList()) {
                if (node.getOp().equals("VarHandleOp")) {
                    var sizes = node.getAttrOrThrow("shape").getShape().getDimList().stream()
                            .mapToLong(TensorShapeProto.Dim::getSize);
                    shapes.put(node.getAttrOrThrow("shared_name").getS().toStringUtf8(), Shape.of(sizes.toArray()));
                }
            }
        }
        return open(variables, shapes);
    }

    /**
     * The tensors of a checkpoint, which is opened for each one that is read.
     *
     * @param shapes the names and shapes that are known to be there
     */
    static NamedTensors open(Path prefix, Map<String, Shape> shapes) {
        return NamedTensors.of(shapes, name -> read(prefix, name, shapes.get(name)));
    }

    private static float[] read(Path prefix, String name, @Nullable Shape shape) throws IOException {
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
                if (!tensor.shape().equals(shape)) {
                    throw new IOException("the checkpoint " + prefix + " holds " + name + " in the shape "
                            + tensor.shape() + ", wanted is " + shape);
                }
                float[] values = new float[Math.toIntExact(tensor.shape().size())];
                tensor.asRawTensor().data().asFloats().read(values);
                return values;
            }
        }
    }
}

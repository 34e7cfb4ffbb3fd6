package org.capi.savedmodels.weights;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.proto.TensorShapeProto;

/** The variables of a SavedModel under their names. */
final class SavedModelWeights {

    private static final String GRAPH = "saved_model.pb";
    private static final String VARIABLES = "variables";

    private SavedModelWeights() {}

    /** The variables of a model's folder; one that is no SavedModel, or has none, is refused. */
    static NamedTensors open(Path model) throws IOException {
        Path graph = model.resolve(GRAPH);
        Path variables = model.resolve(VARIABLES).resolve(VARIABLES);
        for (Path file : List.of(graph, variables.resolveSibling(VARIABLES + ".index"))) {
            if (!Files.isRegularFile(file)) {
                throw new IllegalArgumentException(
                        "the folder " + model + " is no SavedModel with weights: it lacks the file " + file);
            }
        }
        Map<String, Shape> shapes = new LinkedHashMap<>();
        for (var meta : SavedModel.parseFrom(Files.readAllBytes(graph)).getMetaGraphsList()) {
            for (NodeDef node : meta.getGraphDef().getNodeList()) {
                if (node.getOp().equals("VarHandleOp")) {
                    shapes.put(
                            node.getAttrOrThrow("shared_name").getS().toStringUtf8(),
                            shape(node.getAttrOrThrow("shape").getShape()));
                }
            }
        }
        return TensorFlowFiles.open(variables, shapes);
    }

    private static Shape shape(TensorShapeProto proto) {
        List<Long> sizes = new ArrayList<>();
        proto.getDimList().forEach(dim -> sizes.add(dim.getSize()));
        return Shape.of(sizes.stream().mapToLong(Long::longValue).toArray());
    }
}

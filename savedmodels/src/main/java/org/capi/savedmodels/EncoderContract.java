package org.capi.savedmodels;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.capi.savedmodels.SavedModelWriter.Signature;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;

/** What a folder must hold to be used as an encoder, checked before TensorFlow loads it. */
final class EncoderContract {

    private EncoderContract() {}

    /** The signatures; a folder that breaks the contract is refused with what it lacks and what it has. */
    static Map<String, SignatureDef> check(Path folder) {
        MetaGraphDef graph = graph(folder);
        requireWeights(folder, graph);
        SignatureDef signature = graph.getSignatureDefMap().get(Signature.DEFAULT);
        if (signature == null) {
            throw lacks(
                    folder,
                    "signature " + Signature.DEFAULT,
                    graph.getSignatureDefMap().keySet());
        }
        Set<String> inputs = signature.getInputsMap().keySet();
        if (!inputs.equals(Set.of(VisionEncoder.IMAGES))) {
            throw lacks(folder, "single input " + VisionEncoder.IMAGES, inputs);
        }
        requireFloats(folder, "input " + VisionEncoder.IMAGES, signature.getInputsOrThrow(VisionEncoder.IMAGES));
        List<String> missing = new ArrayList<>(VisionEncoder.OUTPUTS);
        missing.removeAll(signature.getOutputsMap().keySet());
        if (!missing.isEmpty()) {
            String what = (missing.size() == 1 ? "output " : "outputs ") + String.join(", ", missing);
            throw lacks(folder, what, signature.getOutputsMap().keySet());
        }
        for (String output : VisionEncoder.OUTPUTS) {
            requireFloats(folder, "output " + output, signature.getOutputsOrThrow(output));
        }
        AllowedOps.check(folder, graph);
        return graph.getSignatureDefMap();
    }

    private static void requireFloats(Path folder, String what, TensorInfo tensor) {
        if (tensor.getDtype() != DataType.DT_FLOAT) {
            throw lacks(folder, "float32 " + what, List.of(tensor.getDtype().name()));
        }
    }

    private static MetaGraphDef graph(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new IllegalArgumentException("no model folder: " + folder);
        }
        Path file = folder.resolve(SavedModelWriter.GRAPH_FILE);
        if (!Files.isRegularFile(file)) {
            throw lacks(folder, "file " + SavedModelWriter.GRAPH_FILE, children(folder));
        }
        List<MetaGraphDef> graphs;
        try {
            graphs = SavedModel.parseFrom(Files.readAllBytes(file)).getMetaGraphsList();
        } catch (IOException e) {
            throw new IllegalArgumentException("cannot read " + file + " as a SavedModel: " + SafeText.firstLine(e), e);
        }
        for (MetaGraphDef graph : graphs) {
            if (graph.getMetaInfoDef().getTagsList().equals(List.of(SavedModelWriter.TAG))) {
                return graph;
            }
        }
        var tags = graphs.stream()
                .flatMap(g -> g.getMetaInfoDef().getTagsList().stream())
                .toList();
        throw lacks(folder, "graph tagged " + SavedModelWriter.TAG, tags);
    }

    /** TensorFlow loads a model without its weights in silence and fails at the first call. */
    private static void requireWeights(Path folder, MetaGraphDef graph) {
        Path weights = folder.resolve(SavedModelWriter.VARIABLES);
        boolean needed = graph.getGraphDef().getNodeList().stream()
                .anyMatch(node ->
                        node.getOp().equals("VarHandleOp") || node.getOp().equals("VariableV2"));
        if (needed && !Files.isRegularFile(weights.resolve(SavedModelWriter.VARIABLES + ".index"))) {
            throw lacks(folder, "file variables/variables.index", children(folder));
        }
    }

    private static List<String> children(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> String.valueOf(file.getFileName())).toList();
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "cannot read the model folder " + folder + ": " + SafeText.firstLine(e), e);
        }
    }

    private static IllegalArgumentException lacks(Path folder, String what, Collection<String> has) {
        String found = has.isEmpty() ? "nothing" : SafeText.maskedText(String.join(", ", new TreeSet<>(has)));
        return new IllegalArgumentException("the folder " + folder + " is not a SavedModel of an encoder: it lacks the "
                + what + "; it has " + found);
    }
}

package org.capi.savedmodels;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NodeDef;

/**
 * Refuses SavedModels that could do more than compute: TensorFlow has operations that read and write files, open
 * connections and call code of the host, and a model may run any of them when it is loaded or called. A model may have
 * those of a list, in its graph and in its functions, and operations that read or write checkpoints where its saver has
 * them: what reads may be reached from the saver's restore operation only, and reads the files that the loader names;
 * what writes is reached neither by loading nor by any signature.
 */
final class AllowedOps {

    private static final Set<String> COMPUTING = computing();
    private static final Set<String> READING = Set.of("Restore", "RestoreSlice", "RestoreV2");
    private static final Set<String> WRITING = Set.of("MergeV2Checkpoints", "Save", "SaveSlices", "SaveV2");
    private static final Set<String> CONSOLE = Set.of("stdout", "stderr", "log(info)", "log(warning)", "log(error)");
    private static final List<String> INITIALIZERS = List.of("saved_model_main_op", "legacy_init_op");

    private final Path folder;
    private final MetaGraphDef model;
    private final Map<String, NodeDef> nodes = new HashMap<>();
    private final Map<String, FunctionDef> functions = new HashMap<>();

    private AllowedOps(Path folder, MetaGraphDef model) {
        this.folder = folder;
        this.model = model;
        model.getGraphDef().getNodeList().forEach(node -> nodes.put(node.getName(), node));
        model.getGraphDef()
                .getLibrary()
                .getFunctionList()
                .forEach(function -> functions.put(function.getSignature().getName(), function));
    }

    /** Refuses a model with any other operation, by its name. */
    static void check(Path folder, MetaGraphDef model) {
        new AllowedOps(folder, model).check();
    }

    private void check() {
        List<String> used = new ArrayList<>();
        // The operation that initialises a model is the output of a signature too.
        model.getSignatureDefMap()
                .values()
                .forEach(signature -> signature.getOutputsMap().values().forEach(output -> used.add(output.getName())));
        for (String name : INITIALIZERS) {
            var collection = model.getCollectionDefOrDefault(name, null);
            if (collection != null) {
                used.addAll(collection.getNodeList().getValueList());
            }
        }
        Reached called = reach(used);
        Reached restored = reach(List.of(model.getSaverDef().getRestoreOpName()));
        Reached saved = reach(List.of(model.getSaverDef().getSaveTensorName()));
        restored.removeAll(called);
        saved.removeAll(called);
        saved.removeAll(restored);
        for (NodeDef node : model.getGraphDef().getNodeList()) {
            String name = node.getName();
            check(node, null, restored.nodes.contains(name), saved.nodes.contains(name));
        }
        for (FunctionDef function : model.getGraphDef().getLibrary().getFunctionList()) {
            String name = function.getSignature().getName();
            boolean reads = restored.functions.contains(name);
            boolean writes = saved.functions.contains(name);
            function.getNodeDefList().forEach(node -> check(node, function, reads, writes));
        }
    }

    private void check(NodeDef node, @Nullable FunctionDef function, boolean reads, boolean writes) {
        String op = node.getOp();
        boolean allowed = COMPUTING.contains(op)
                || functions.containsKey(op)
                || (op.equals("PrintV2") && printsToConsole(node))
                || (reads && READING.contains(op))
                || (writes && WRITING.contains(op));
        if (!allowed) {
            throw refused(node, function, "image encoders need none and it may reach files or the host");
        }
        // Loading runs it: it gets the path from the loader, at first, and passes it on.
        if (reads && (READING.contains(op) || !called(node).isEmpty()) && !readsWhatTheLoaderNames(node, function)) {
            throw refused(node, function, "it reads other files than the model's variables");
        }
    }

    private static boolean printsToConsole(NodeDef node) {
        AttrValue stream = node.getAttrOrDefault("output_stream", AttrValue.getDefaultInstance());
        return stream.getS().isEmpty() || CONSOLE.contains(stream.getS().toStringUtf8());
    }

    /** Whether the first input is the saver's file name or, in a function, an argument. */
    private boolean readsWhatTheLoaderNames(NodeDef node, @Nullable FunctionDef function) {
        Map<String, NodeDef> around = nodes;
        if (function != null) {
            around = new HashMap<>();
            for (NodeDef inside : function.getNodeDefList()) {
                around.put(inside.getName(), inside);
            }
        }
        NodeDef at = node;
        for (int steps = 0; steps <= around.size() && at.getInputCount() > 0; steps++) {
            String from = nodeOf(at.getInput(0));
            if (function == null
                    ? from.equals(nodeOf(model.getSaverDef().getFilenameTensorName()))
                    : function.getSignature().getInputArgList().stream()
                            .anyMatch(argument -> argument.getName().equals(from))) {
                return true;
            }
            NodeDef next = around.get(from);
            if (next == null || !next.getOp().equals("Identity")) {
                return false;
            }
            at = next;
        }
        return false;
    }

    private IllegalArgumentException refused(NodeDef node, @Nullable FunctionDef function, String why) {
        String where = function == null
                ? ""
                : " in the function '"
                        + SafeText.maskedName(function.getSignature().getName()) + "'";
        return new IllegalArgumentException(
                "the SavedModel " + folder + " is not loaded: its node '" + SafeText.maskedName(node.getName()) + "'"
                        + where + " is the operation " + SafeText.maskedName(node.getOp()) + "; " + why);
    }

    /** Nodes of the graph and functions, by their names. */
    private record Reached(Set<String> nodes, Set<String> functions) {

        void removeAll(Reached others) {
            nodes.removeAll(others.nodes);
            functions.removeAll(others.functions);
        }
    }

    /** All that is run for some tensors or operations. */
    private Reached reach(List<String> from) {
        var reached = new Reached(new HashSet<>(), new HashSet<>());
        Deque<NodeDef> open = new ArrayDeque<>();
        from.forEach(tensor -> visit(tensor, reached, open));
        while (!open.isEmpty()) {
            NodeDef node = open.remove();
            node.getInputList().forEach(input -> visit(input, reached, open));
            Deque<String> calls = new ArrayDeque<>(called(node));
            while (!calls.isEmpty()) {
                FunctionDef function = Objects.requireNonNull(functions.get(calls.remove()));
                if (reached.functions.add(function.getSignature().getName())) {
                    function.getNodeDefList().forEach(inside -> calls.addAll(called(inside)));
                }
            }
        }
        return reached;
    }

    private void visit(String tensor, Reached reached, Deque<NodeDef> open) {
        NodeDef node = nodes.get(nodeOf(tensor));
        if (node != null && reached.nodes.add(node.getName())) {
            open.add(node);
        }
    }

    /** The functions of the model that a node calls. */
    private List<String> called(NodeDef node) {
        List<String> called = new ArrayList<>(List.of(node.getOp()));
        for (AttrValue value : node.getAttrMap().values()) {
            called.add(value.getFunc().getName());
            value.getList().getFuncList().forEach(function -> called.add(function.getName()));
        }
        called.retainAll(functions.keySet());
        return called;
    }

    /** {@code name}, {@code name:0}, {@code name:output:0} and {@code ^name} name one node. */
    private static String nodeOf(String tensor) {
        String name = tensor.startsWith("^") ? tensor.substring(1) : tensor;
        int colon = name.indexOf(':');
        return colon < 0 ? name : name.substring(0, colon);
    }

    private static Set<String> computing() {
        return ModelDescription.resource("computing-ops.txt")
                .lines()
                .filter(line -> !line.startsWith("#"))
                .flatMap(line -> Stream.of(line.split(" ")))
                .collect(Collectors.toUnmodifiableSet());
    }
}

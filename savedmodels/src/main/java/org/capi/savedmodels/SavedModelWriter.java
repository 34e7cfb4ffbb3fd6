package org.capi.savedmodels;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.capi.graph.VariableFile.Variable;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.TensorFlow;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.CollectionDef;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.proto.SaverDef;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.proto.TensorShapeProto;
import org.tensorflow.proto.VariableDef;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TString;
import org.tensorflow.types.family.TType;

/**
 * Writes a graph with its variables as a SavedModel.
 *
 * <p>Making one adds the last ops to the graph; it must not grow afterwards.
 */
public final class SavedModelWriter {

    /** The tag that loaders look for. */
    public static final String TAG = "serve";

    static final String GRAPH_FILE = "saved_model.pb";
    static final String VARIABLES = "variables";
    static final String EXTRA = "assets.extra";

    private static final long SCHEMA_VERSION = 1;

    private final Graph graph;
    private final Saver saver;
    private final SavedModel model;

    private SavedModelWriter(Graph graph, Saver saver, SavedModel model) {
        this.graph = graph;
        this.saver = saver;
        this.model = model;
    }

    /**
     * A file that travels with a SavedModel in its folder {@code assets.extra}.
     *
     * @param fileName such as {@code model.json}
     */
    public record Asset(String fileName, ByteString content) {

        public Asset {
            if (fileName.isBlank() || fileName.contains("/")) {
                throw new IllegalArgumentException("an asset needs a plain file name, was '" + fileName + "'");
            }
        }

        /** A text in UTF-8. */
        public static Asset text(String fileName, String content) {
            return new Asset(fileName, ByteString.copyFromUtf8(content));
        }
    }

    /**
     * A function of a SavedModel: tensors of its graph under the names that callers use.
     *
     * @param name such as {@code serving_default}
     */
    public record Signature(String name, List<Named> inputs, List<Named> outputs) {

        /** The signature that callers get who name none. */
        public static final String DEFAULT = "serving_default";

        /** The signature that takes encoded images. */
        public static final String BYTES = "serving_bytes";

        private static final String METHOD = "tensorflow/serving/predict";

        public Signature {
            inputs = List.copyOf(inputs);
            outputs = List.copyOf(outputs);
            for (List<Named> tensors : List.of(inputs, outputs)) {
                Set<String> names = tensors.stream().map(Named::name).collect(Collectors.toCollection(TreeSet::new));
                if (names.size() != tensors.size()) {
                    throw new IllegalArgumentException(
                            "two tensors of the signature " + name + " share a name: " + names);
                }
            }
        }

        /** A tensor under a caller's name. */
        public record Named(String name, Operand<? extends TType> tensor) {

            private TensorInfo toProto() {
                var output = tensor.asOutput();
                var shape = TensorShapeProto.newBuilder()
                        .setUnknownRank(output.shape().isUnknown());
                for (long size : output.shape().isUnknown()
                        ? new long[0]
                        : output.shape().asArray()) {
                    shape.addDim(TensorShapeProto.Dim.newBuilder().setSize(size));
                }
                return TensorInfo.newBuilder()
                        .setName(nameOf(tensor))
                        .setDtype(output.dataType())
                        .setTensorShape(shape)
                        .build();
            }
        }

        SignatureDef toProto() {
            var proto = SignatureDef.newBuilder().setMethodName(METHOD);
            inputs.forEach(input -> proto.putInputs(input.name, input.toProto()));
            outputs.forEach(output -> proto.putOutputs(output.name, output.toProto()));
            return proto.build();
        }
    }

    /** Completes a graph whose inference ops are built. */
    public static SavedModelWriter create(Graph graph, List<Variable> variables, List<Signature> signatures) {
        Ops tf = Ops.create(graph);
        var saver = Saver.create(tf, variables);
        var collection = collection(tf, variables);
        var meta = MetaGraphDef.newBuilder()
                .setMetaInfoDef(
                        MetaGraphDef.MetaInfoDef.newBuilder().addTags(TAG).setTensorflowVersion(TensorFlow.version()))
                .setGraphDef(graph.toGraphDef())
                .setSaverDef(saver.toProto())
                .putCollectionDef("variables", collection)
                .putCollectionDef("trainable_variables", collection);
        signatures.forEach(signature -> meta.putSignatureDef(signature.name, signature.toProto()));
        var model = SavedModel.newBuilder()
                .setSavedModelSchemaVersion(SCHEMA_VERSION)
                .addMetaGraphs(meta)
                .build();
        return new SavedModelWriter(graph, saver, model);
    }

    /**
     * The list by which a loader finds the variables of a graph, without which a program sees constants at best. Adds
     * what a definition must name: a first value, the op that sets it, and a read.
     */
    private static CollectionDef collection(Ops tf, List<Variable> variables) {
        var bytes = CollectionDef.BytesList.newBuilder();
        var scope = tf.withSubScope("variables");
        for (Variable variable : variables) {
            var assign = scope.assignVariableOp(variable.handle(), variable.initial());
            var read = scope.readVariableOp(variable.handle(), TFloat32.class);
            bytes.addValue(VariableDef.newBuilder()
                    .setVariableName(nameOf(variable.handle()))
                    .setInitialValueName(nameOf(variable.initial()))
                    .setInitializerName(assign.op().name())
                    .setSnapshotName(nameOf(read))
                    .setIsResource(true)
                    .setTrainable(true)
                    .build()
                    .toByteString());
        }
        return CollectionDef.newBuilder().setBytesList(bytes).build();
    }

    private static String nameOf(Operand<?> tensor) {
        return tensor.asOutput().op().name() + ":" + tensor.asOutput().index();
    }

    /**
     * Writes the model with the values of a checkpoint.
     *
     * @param prefix the checkpoint's path without its extensions
     * @param nameInCheckpoint what a variable is called there
     * @param to a folder that does not exist yet
     */
    public void write(Path prefix, UnaryOperator<String> nameInCheckpoint, List<Asset> assets, Path to)
            throws IOException {
        Path index = prefix.resolveSibling(prefix.getFileName() + ".index");
        if (!Files.isRegularFile(index)) {
            throw new IllegalArgumentException("no checkpoint at " + prefix + ": there is no file " + index);
        }
        NewPath.refuseExisting(to);
        try (Session session = new Session(graph)) {
            try {
                saver.restore(session, prefix, nameInCheckpoint);
            } catch (TensorFlowException e) {
                throw new IOException(
                        "the checkpoint " + prefix + " does not hold this model's weights: " + SafeText.firstLine(e),
                        e);
            }
            write(session, assets, to);
        }
    }

    /** Writes the model with the values that the variables have in a session of its graph. */
    public void write(Session session, List<Asset> assets, Path to) throws IOException {
        try (NewPath folder = NewPath.folder(to)) {
            Path partial = folder.partial();
            Files.write(partial.resolve(GRAPH_FILE), model.toByteArray());
            Path variables = Files.createDirectory(partial.resolve(VARIABLES));
            try {
                saver.save(session, variables.resolve(VARIABLES));
            } catch (TensorFlowException e) {
                throw new IOException(
                        "the weights of the model " + to + " cannot be written: " + SafeText.firstLine(e), e);
            }
            Path extra = Files.createDirectory(partial.resolve(EXTRA));
            for (Asset asset : assets) {
                Files.write(extra.resolve(asset.fileName), asset.content.toByteArray());
            }
            ModelChecksums.write(partial);
            folder.finish();
        }
    }

    /**
     * The ops with which any TensorFlow program reads and writes the variables.
     *
     * @param prefix the path of the variables' files without extension; loaders feed it
     * @param names the variables' names in those files
     * @param saved the prefix again, once everything is written
     * @param restoreAll reads and assigns every variable
     */
    private record Saver(
            List<Variable> variables,
            Operand<TString> prefix,
            Operand<TString> names,
            Operand<TString> saved,
            Op restoreAll) {

        /** Adds the ops to the graph, outside of any scope. */
        static Saver create(Ops tf, List<Variable> variables) {
            var scope = tf.withSubScope("saver");
            int count = variables.size();
            var fallback = scope.withName("default_prefix").constant(VARIABLES);
            Operand<TString> prefix = scope.withName("prefix").placeholderWithDefault(fallback, Shape.scalar());
            Operand<TString> names = scope.withName("names")
                    .array(variables.stream().map(Variable::name).toArray(String[]::new));
            Operand<TString> slices = scope.withName("slices")
                    .array(Collections.nCopies(count, "").toArray(String[]::new));

            List<Operand<?>> values = new ArrayList<>();
            variables.forEach(v -> values.add(scope.readVariableOp(v.handle(), TFloat32.class)));
            var save = scope.withName("save").train.save(prefix, names, slices, values);
            Operand<TString> saved = scope.withName("saved")
                    .withControlDependencies(List.of(save))
                    .identity(prefix);

            List<Class<? extends TType>> types = Collections.nCopies(count, TFloat32.class);
            var restored = scope.withName("restore")
                    .train
                    .restore(prefix, names, slices, types)
                    .tensors();
            List<Op> assigned = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                assigned.add(scope.assignVariableOp(
                        variables.get(i).handle(), restored.get(i).expect(TFloat32.class)));
            }
            var restoreAll = scope.withName("restore_all")
                    .withControlDependencies(assigned)
                    .noOp();
            return new Saver(List.copyOf(variables), prefix, names, saved, restoreAll);
        }

        /** Sets every variable from files in which it may have another name. */
        void restore(Session session, Path from, UnaryOperator<String> nameInFile) {
            String[] inFile =
                    variables.stream().map(Variable::name).map(nameInFile).toArray(String[]::new);
            try (TString path = TString.scalarOf(from.toString());
                    TString fileNames = TString.tensorOf(NdArrays.vectorOfObjects(inFile))) {
                session.runner()
                        .feed(prefix, path)
                        .feed(names, fileNames)
                        .addTarget(restoreAll)
                        .run()
                        .close();
            }
        }

        void save(Session session, Path to) {
            try (TString path = TString.scalarOf(to.toString())) {
                session.runner().feed(prefix, path).fetch(saved).run().close();
            }
        }

        SaverDef toProto() {
            return SaverDef.newBuilder()
                    .setFilenameTensorName(nameOf(prefix))
                    .setSaveTensorName(nameOf(saved))
                    .setRestoreOpName(restoreAll.op().name())
                    .setMaxToKeep(1)
                    .setVersion(SaverDef.CheckpointFormatVersion.V2)
                    .build();
        }
    }
}

package org.capi.savedmodels;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import org.capi.graph.VariableFile.Variable;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.TensorFlow;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.SavedModel;

/**
 * Writes a graph with its variables as a SavedModel.
 *
 * <p>Making one adds the last ops to the graph; it must not grow afterwards.
 */
public final class SavedModelWriter {

    /** The tag that loaders ask for. */
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

    /** Completes a graph whose inference ops are built. */
    public static SavedModelWriter create(Graph graph, List<Variable> variables, List<Signature> signatures) {
        Ops tf = Ops.create(graph);
        var saver = Saver.create(tf, variables);
        var collection = VariableCollection.create(tf, variables).toProto();
        var meta = MetaGraphDef.newBuilder()
                .setMetaInfoDef(
                        MetaGraphDef.MetaInfoDef.newBuilder().addTags(TAG).setTensorflowVersion(TensorFlow.version()))
                .setGraphDef(graph.toGraphDef())
                .setSaverDef(saver.toProto())
                .putCollectionDef("variables", collection)
                .putCollectionDef("trainable_variables", collection);
        signatures.forEach(signature -> meta.putSignatureDef(signature.name(), signature.toProto()));
        var model = SavedModel.newBuilder()
                .setSavedModelSchemaVersion(SCHEMA_VERSION)
                .addMetaGraphs(meta)
                .build();
        return new SavedModelWriter(graph, saver, model);
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
            restore(session, prefix, nameInCheckpoint);
            write(session, assets, to);
        }
    }

    /** Writes the model with the values that the variables have in a session of its graph. */
    public void write(Session session, List<Asset> assets, Path to) throws IOException {
        try (NewPath folder = NewPath.folder(to)) {
            Path partial = folder.partial();
            Files.write(partial.resolve(GRAPH_FILE), model.toByteArray());
            Path variables = Files.createDirectory(partial.resolve(VARIABLES));
            save(session, variables.resolve(VARIABLES), to);
            Path extra = Files.createDirectory(partial.resolve(EXTRA));
            for (Asset asset : assets) {
                Files.write(extra.resolve(asset.fileName()), asset.content().toByteArray());
            }
            Checksums.write(partial);
            folder.finish();
        }
    }

    private void save(Session session, Path prefix, Path to) throws IOException {
        try {
            saver.save(session, prefix);
        } catch (TensorFlowException e) {
            throw new IOException("the weights of the model " + to + " cannot be written: " + FirstLine.of(e), e);
        }
    }

    private void restore(Session session, Path prefix, UnaryOperator<String> nameInCheckpoint) throws IOException {
        try {
            saver.restore(session, prefix, nameInCheckpoint);
        } catch (TensorFlowException e) {
            throw new IOException(
                    "the checkpoint " + prefix + " does not hold this model's weights: " + FirstLine.of(e), e);
        }
    }
}

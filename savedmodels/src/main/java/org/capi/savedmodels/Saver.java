package org.capi.savedmodels;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.capi.graph.VariableFile.Variable;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.ndarray.NdArrays;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.SaverDef;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TString;
import org.tensorflow.types.family.TType;

/**
 * The ops with which any TensorFlow program reads and writes the variables of a SavedModel.
 *
 * @param prefix the path of the variables' files without extension; loaders feed it
 * @param names the variables' names in those files
 * @param saved the prefix again, once everything is written
 * @param restoreAll reads and assigns every variable
 */
record Saver(
        List<Variable> variables,
        Operand<TString> prefix,
        Operand<TString> names,
        Operand<TString> saved,
        Op restoreAll) {

    private static final String SCOPE = "saver";
    private static final String DEFAULT_PREFIX = "variables";

    /** Adds the ops to the graph, outside of any scope. */
    static Saver create(Ops tf, List<Variable> variables) {
        var scope = tf.withSubScope(SCOPE);
        var fallback = scope.withName("default_prefix").constant(DEFAULT_PREFIX);
        Operand<TString> prefix = scope.withName("prefix").placeholderWithDefault(fallback, Shape.scalar());
        Operand<TString> names = scope.withName("names")
                .array(variables.stream().map(Variable::name).toArray(String[]::new));
        String[] everything = new String[variables.size()];
        Arrays.fill(everything, "");
        Operand<TString> slices = scope.withName("slices").array(everything);
        return new Saver(
                List.copyOf(variables),
                prefix,
                names,
                saved(scope, variables, prefix, names, slices),
                restored(scope, variables, prefix, names, slices));
    }

    private static Operand<TString> saved(
            Ops tf,
            List<Variable> variables,
            Operand<TString> prefix,
            Operand<TString> names,
            Operand<TString> slices) {
        List<Operand<?>> values = new ArrayList<>();
        variables.forEach(v -> values.add(tf.readVariableOp(v.handle(), TFloat32.class)));
        var save = tf.withName("save").train.save(prefix, names, slices, values);
        return tf.withName("saved").withControlDependencies(List.of(save)).identity(prefix);
    }

    private static Op restored(
            Ops tf,
            List<Variable> variables,
            Operand<TString> prefix,
            Operand<TString> names,
            Operand<TString> slices) {
        List<Class<? extends TType>> types = new ArrayList<>();
        variables.forEach(v -> types.add(TFloat32.class));
        var values = tf.withName("restore")
                .train
                .restore(prefix, names, slices, types)
                .tensors();
        List<Op> assigned = new ArrayList<>();
        for (int i = 0; i < variables.size(); i++) {
            assigned.add(
                    tf.assignVariableOp(variables.get(i).handle(), values.get(i).expect(TFloat32.class)));
        }
        return tf.withName("restore_all").withControlDependencies(assigned).noOp();
    }

    /** Sets every variable from files in which it may have another name. */
    void restore(Session session, Path from, UnaryOperator<String> nameInFile) {
        String[] inFile = variables.stream().map(Variable::name).map(nameInFile).toArray(String[]::new);
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

    /** Writes every variable's value. */
    void save(Session session, Path to) {
        try (TString path = TString.scalarOf(to.toString())) {
            session.runner().feed(prefix, path).fetch(saved).run().close();
        }
    }

    SaverDef toProto() {
        return SaverDef.newBuilder()
                .setFilenameTensorName(prefix.asOutput().op().name() + ":0")
                .setSaveTensorName(saved.asOutput().op().name() + ":0")
                .setRestoreOpName(restoreAll.op().name())
                .setMaxToKeep(1)
                .setVersion(SaverDef.CheckpointFormatVersion.V2)
                .build();
    }
}

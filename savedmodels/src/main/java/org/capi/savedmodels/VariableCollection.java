package org.capi.savedmodels;

import java.util.ArrayList;
import java.util.List;
import org.capi.graph.VariableFile.Variable;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.CollectionDef;
import org.tensorflow.proto.VariableDef;
import org.tensorflow.types.TFloat32;

/** The list by which a loader finds the variables of a graph: without it a program sees constants at best. */
record VariableCollection(List<VariableDef> definitions) {

    /** Adds what a definition must name: a first value, the op that sets it, and a read. */
    static VariableCollection create(Ops tf, List<Variable> variables) {
        List<VariableDef> definitions = new ArrayList<>();
        var scope = tf.withSubScope("variables");
        for (Variable variable : variables) {
            var assign = scope.assignVariableOp(variable.handle(), variable.initial());
            var read = scope.readVariableOp(variable.handle(), TFloat32.class);
            definitions.add(VariableDef.newBuilder()
                    .setVariableName(variable.handle().asOutput().op().name() + ":0")
                    .setInitialValueName(variable.initial().asOutput().op().name() + ":"
                            + variable.initial().asOutput().index())
                    .setInitializerName(assign.op().name())
                    .setSnapshotName(read.op().name() + ":0")
                    .setIsResource(true)
                    .setTrainable(true)
                    .build());
        }
        return new VariableCollection(List.copyOf(definitions));
    }

    CollectionDef toProto() {
        var bytes = CollectionDef.BytesList.newBuilder();
        definitions.forEach(definition -> bytes.addValue(definition.toByteString()));
        return CollectionDef.newBuilder().setBytesList(bytes).build();
    }
}

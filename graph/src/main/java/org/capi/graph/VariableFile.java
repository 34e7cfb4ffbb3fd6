package org.capi.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.VarHandleOp;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TString;
import org.tensorflow.types.family.TType;

/**
 * The ops that set a list of variables and carry it to and from TensorFlow's checkpoint files, built up front: a graph
 * that grows later throws its compiled form away.
 *
 * @param prefix the path of a checkpoint without its extensions, to be fed
 * @param initialize gives every variable its first value
 * @param save writes every variable
 * @param restore reads every variable
 */
public record VariableFile(Operand<TString> prefix, Op initialize, Op save, Op restore) {

    /** Builds the ops for variables that have the same names in the file. */
    public static VariableFile create(Ops tf, List<Variable> variables) {
        return create(tf, variables, UnaryOperator.identity());
    }

    /** Builds the ops for variables whose names in the file are a function of their own. */
    public static VariableFile create(Ops tf, List<Variable> variables, UnaryOperator<String> nameInFile) {
        Operand<TString> prefix = tf.placeholder(TString.class);
        String[] names = variables.stream().map(Variable::name).map(nameInFile).toArray(String[]::new);
        String[] whole = new String[names.length];
        Arrays.fill(whole, "");
        List<Operand<?>> values = new ArrayList<>();
        List<Class<? extends TType>> types = new ArrayList<>();
        List<Op> initial = new ArrayList<>();
        for (Variable variable : variables) {
            values.add(tf.readVariableOp(variable.handle(), TFloat32.class));
            types.add(TFloat32.class);
            initial.add(tf.assignVariableOp(variable.handle(), variable.initial()));
        }
        var save = tf.train.save(prefix, tf.array(names), tf.array(whole), values);
        var restored = tf.train.restore(prefix, tf.array(names), tf.array(whole), types);
        List<Op> assigned = new ArrayList<>();
        for (int i = 0; i < names.length; i++) {
            Operand<TFloat32> value = restored.tensors().get(i).expect(TFloat32.class);
            assigned.add(tf.assignVariableOp(variables.get(i).handle(), value));
        }
        return new VariableFile(
                prefix,
                tf.withControlDependencies(initial).noOp(),
                save,
                tf.withControlDependencies(assigned).noOp());
    }

    /**
     * A float32 resource variable under the name that it has in files.
     *
     * @param name its name in checkpoints
     * @param shape its shape
     * @param handle the resource
     * @param initial the first value
     */
    public record Variable(String name, Shape shape, Operand<? extends TType> handle, Operand<TFloat32> initial) {

        /** A variable of zeros, such as a moment of an optimizer. */
        public static Variable zeros(Ops tf, String name, Shape shape) {
            var handle = tf.withName(name).varHandleOp(TFloat32.class, shape, VarHandleOp.sharedName(name));
            return new Variable(name, shape, handle, Initializer.ZEROS.values(tf, shape, tf.constant(new long[2])));
        }
    }
}

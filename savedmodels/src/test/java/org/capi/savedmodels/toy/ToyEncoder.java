package org.capi.savedmodels.toy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.capi.graph.VariableFile.Variable;
import org.capi.savedmodels.SavedModelWriter;
import org.capi.savedmodels.SavedModelWriter.Signature;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.VarHandleOp;
import org.tensorflow.types.TFloat32;

/**
 * Sees nothing but colours: a patch's feature is its mean colour times {@code scale}, the global vector the mean of
 * those, and each of the two registers is the vector {@code register}.
 */
public final class ToyEncoder {

    /** The side of a patch. */
    public static final int PATCH_SIZE = 4;

    private ToyEncoder() {}

    /** Writes the toy with every output that is named. */
    public static void write(Path folder, float scale, String... outputs) throws IOException {
        try (Graph graph = new Graph()) {
            Ops tf = Ops.create(graph);
            var factor = variable(tf, "toy.scale", tf.constant(new float[] {scale, scale, scale}));
            var register = variable(tf, "toy.register", tf.constant(new float[] {1, 2, 3}));
            var model = signature(tf, factor, register, List.of(outputs));
            var variables = List.of(factor, register);
            var writer = SavedModelWriter.create(graph, variables, List.of(model));
            try (Session session = new Session(graph)) {
                for (String name : List.of("variables/AssignVariableOp", "variables/AssignVariableOp_1")) {
                    session.runner().addTarget(name).run().close();
                }
                writer.write(session, List.of(), folder);
            }
        }
    }

    private static Variable variable(Ops tf, String name, Operand<TFloat32> initial) {
        var handle = tf.withName(name).varHandleOp(TFloat32.class, Shape.of(3), VarHandleOp.sharedName(name));
        return new Variable(name, Shape.of(3), handle, initial);
    }

    private static Signature signature(Ops tf, Variable scale, Variable register, List<String> outputs) {
        var images = tf.withName("images").placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, -1, -1, 3)));
        List<Long> patch = List.of(1L, (long) PATCH_SIZE, (long) PATCH_SIZE, 1L);
        Operand<TFloat32> colours = tf.nn.avgPool(images, patch, patch, "VALID");
        Operand<TFloat32> map = tf.math.mul(colours, tf.readVariableOp(scale.handle(), TFloat32.class));
        Operand<TFloat32> global = tf.math.mean(map, tf.constant(new int[] {1, 2}));
        var nothing = tf.math.mul(tf.expandDims(global, tf.constant(1)), tf.constant(0f));
        var one = tf.math.add(nothing, tf.readVariableOp(register.handle(), TFloat32.class));
        Operand<TFloat32> registers = tf.concat(List.of(one, one), tf.constant(1));
        List<Signature.Named> named = new ArrayList<>();
        for (String output : outputs) {
            named.add(new Signature.Named(
                    output, output.equals("global") ? global : output.equals("registers") ? registers : map));
        }
        return new Signature(Signature.DEFAULT, List.of(new Signature.Named("images", images)), named);
    }
}

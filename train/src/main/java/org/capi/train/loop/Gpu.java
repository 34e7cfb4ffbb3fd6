package org.capi.train.loop;

import org.tensorflow.DeviceSpec;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.op.Ops;

/** The first GPU, asked for by name. */
final class Gpu {

    private static final DeviceSpec FIRST = DeviceSpec.newBuilder()
            .deviceType(DeviceSpec.DeviceType.GPU)
            .deviceIndex(0)
            .build();

    private Gpu() {}

    /** Whether TensorFlow finds one that it can use. */
    static boolean present() {
        try {
            use();
            return true;
        } catch (TensorFlowException | IllegalArgumentException e) { // some of TensorFlow's own are of the second kind
            return false;
        }
    }

    /** Refuses to go on without a GPU: TensorFlow itself would silently compute on the CPU. */
    static void require() {
        try {
            use();
        } catch (TensorFlowException | IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "compute.device must be auto or cpu on this machine, was gpu: TensorFlow finds none that it can use;"
                            + " capi doctor --gpu says why",
                    e);
        }
    }

    private static void use() {
        try (Graph graph = new Graph()) {
            var one = Ops.create(graph).withDevice(FIRST).constant(1f);
            try (Session session = new Session(graph, Cores.settings().build())) {
                session.runner().fetch(one).run().close();
            }
        }
    }
}

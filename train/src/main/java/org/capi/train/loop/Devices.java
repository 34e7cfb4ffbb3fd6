package org.capi.train.loop;

import java.util.Locale;
import org.capi.graph.layer.FusedAttention;
import org.capi.train.config.PretrainConfig.DeviceChoice;
import org.jspecify.annotations.Nullable;
import org.tensorflow.DeviceSpec;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.types.TFloat32;

/**
 * The devices of a session. On a CPU two parallel streams of ops, each op on half of the cores, keep the cores busier
 * than one op after the other on all of them.
 */
public final class Devices {

    private static final int STREAMS = 2;

    private static final int PROBE_TOKENS = 24;
    private static final int PROBE_HEAD_DIM = 64;

    /** Both kinds of attention round their results to bfloat16, the plain one its weights too. */
    private static final float TOLERANCE = 0.03f;

    private Devices() {}

    /** The device that a choice comes to on this machine: {@code CPU} or {@code GPU}. */
    static DeviceChoice used(DeviceChoice choice) {
        return choice == DeviceChoice.AUTO ? hasGpu() ? DeviceChoice.GPU : DeviceChoice.CPU : choice;
    }

    /** How many parallel streams of ops a step has: one on a GPU, or where there is but one core. */
    static int streams(DeviceChoice used) {
        return used == DeviceChoice.GPU
                ? 1
                : Math.min(STREAMS, Runtime.getRuntime().availableProcessors());
    }

    /**
     * Settings of a session whose ops leave cores to the other stream. The first session of a process sizes the threads
     * of all later ones, so every session that a training may open starts from these. TensorFlow's own {@code
     * TF_NUM_INTRAOP_THREADS} takes precedence.
     */
    static ConfigProto.Builder settings() {
        var settings = ConfigProto.newBuilder();
        settings.getGpuOptionsBuilder().setAllowGrowth(true);
        return System.getenv("TF_NUM_INTRAOP_THREADS") == null
                ? settings.setIntraOpParallelismThreads(
                        Math.max(1, Runtime.getRuntime().availableProcessors() / STREAMS))
                : settings;
    }

    /**
     * Why cuDNN's fused attention cannot be used on the first GPU, in one line; null if it can. It is compiled for two
     * small shapes and compared with plain attention.
     */
    public static @Nullable String fusedAttentionFailure() {
        var settings = settings().setAllowSoftPlacement(true);
        // As for a step that is one function: Grappler makes ops that XLA does not know.
        settings.getGraphOptionsBuilder().getRewriteOptionsBuilder().setDisableMetaOptimizer(true);
        for (int keys : new int[] {PROBE_TOKENS, 2 * PROBE_TOKENS}) {
            try (Graph graph = new Graph()) {
                var difference = FusedAttention.difference(graph, PROBE_TOKENS, keys, PROBE_HEAD_DIM);
                try (Session session = new Session(graph, settings.build());
                        var results = session.runner().fetch(difference).run()) {
                    float share = ((TFloat32) results.get(0)).getFloat();
                    if (!(share <= TOLERANCE)) {
                        return String.format(
                                Locale.ROOT, "its results differ from plain attention's by %.3f of the largest", share);
                    }
                }
            } catch (TensorFlowException | IllegalArgumentException e) { // see hasGpu
                return String.valueOf(e.getMessage()).lines().findFirst().orElse("no reason given");
            }
        }
        return null;
    }

    /** Refuses to continue without a GPU: TensorFlow itself would silently compute on the CPU. */
    static void requireGpu() {
        try {
            useGpu();
        } catch (TensorFlowException | IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "compute.device must be auto or cpu on this machine, was gpu: TensorFlow finds none that it can use;"
                            + " ./capi doctor --gpu says why",
                    e);
        }
    }

    private static boolean hasGpu() {
        try {
            useGpu();
            return true;
        } catch (TensorFlowException | IllegalArgumentException e) { // some of TensorFlow's own are of the second kind
            return false;
        }
    }

    private static void useGpu() {
        DeviceSpec first = DeviceSpec.newBuilder()
                .deviceType(DeviceSpec.DeviceType.GPU)
                .deviceIndex(0)
                .build();
        try (Graph graph = new Graph()) {
            var one = Ops.create(graph).withDevice(first).constant(1f);
            try (Session session = new Session(graph, settings().build())) {
                session.runner().fetch(one).run().close();
            }
        }
    }
}

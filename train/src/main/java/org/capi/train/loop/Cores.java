package org.capi.train.loop;

import org.capi.train.config.Device;
import org.tensorflow.proto.ConfigProto;

/**
 * How a process shares the cores of a CPU between the ops of a step. Two chains of ops beside each other, each op on half of
 * the cores, keep them busier than one op after the other on all of them.
 */
final class Cores {

    private static final int LANES = 2;

    private Cores() {}

    /** How many chains of ops a step offers on a device; one where a GPU computes it, or there is but one core. */
    static int lanes(Device device) {
        boolean gpu = switch (device) {
            case CPU -> false;
            case GPU -> true;
            case AUTO -> Gpu.present();
        };
        return gpu ? 1 : Math.min(LANES, Runtime.getRuntime().availableProcessors());
    }

    /**
     * Settings of a session whose ops leave cores to the other lane. The first session of a process sizes the threads of all
     * later ones, so every session that a training may open begins with these. TensorFlow's own {@code
     * TF_NUM_INTRAOP_THREADS} goes first.
     */
    static ConfigProto.Builder settings() {
        var settings = ConfigProto.newBuilder();
        settings.getGpuOptionsBuilder().setAllowGrowth(true);
        return System.getenv("TF_NUM_INTRAOP_THREADS") == null
                ? settings.setIntraOpParallelismThreads(
                        Math.max(1, Runtime.getRuntime().availableProcessors() / LANES))
                : settings;
    }
}

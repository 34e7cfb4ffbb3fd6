package org.capi.graph;

import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.Operation;
import org.tensorflow.OperationBuilder;
import org.tensorflow.Output;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TNumber;

/**
 * Workers of a TensorFlow cluster, which reduce by its collective ops.
 *
 * <p>All workers must launch their collectives in one order. So each op of a graph waits for the one that was built
 * before it, and every worker builds the same graph. An instance belongs to one graph. The ops of a session whose graph
 * holds any of them must be run equally often by all workers.
 */
public final class CollectiveWorkers implements Workers {

    private static final int GROUP = 1;

    private final int count;
    private final int rank;
    private final String device;
    private final Settings settings;
    private @Nullable Operation last;
    private int instance;

    /**
     * How collectives are carried out.
     *
     * @param timeoutSeconds after which one that still waits for another worker fails
     * @param roundGradients whether gradients are summed as bfloat16, which halves the bytes
     * @param gpu whether the ops are on each worker's first GPU
     * @param group the number of the group of devices; ops on other devices need another one
     * @param firstInstance the number of the first op; those of two graphs must not overlap
     */
    public record Settings(int timeoutSeconds, boolean roundGradients, boolean gpu, int group, int firstInstance) {

        /** Those of a step. */
        public Settings(int timeoutSeconds, boolean roundGradients, boolean gpu) {
            this(timeoutSeconds, roundGradients, gpu, GROUP, 1);
        }

        public Settings {
            if (timeoutSeconds < 1) {
                throw new IllegalArgumentException("collective_timeout must be at least 1, was " + timeoutSeconds);
            }
        }
    }

    /**
     * Workers as one of them sees them.
     *
     * @param count of all workers
     * @param rank of this one, from 0
     */
    public CollectiveWorkers(int count, int rank, Settings settings) {
        if (count < 2 || rank < 0 || rank >= count) {
            throw new IllegalArgumentException("a worker's rank must be from 0 to " + (count - 1)
                    + ", and there must be at least 2 workers, was " + rank + " of " + count);
        }
        this.count = count;
        this.rank = rank;
        this.settings = settings;
        this.device = task(rank) + "/device:" + (settings.gpu ? "GPU" : "CPU") + ":0";
        this.instance = settings.firstInstance;
    }

    /** The name of a worker in device names: {@code /job:worker/replica:0/task:1}. */
    public static String task(int rank) {
        return String.format(Locale.ROOT, "/job:worker/replica:0/task:%d", rank);
    }

    @Override
    public <T extends TNumber> Operand<T> sum(Ops tf, Operand<T> x) {
        return reduce(tf, x, "Add");
    }

    @Override
    public <T extends TNumber> Operand<T> max(Ops tf, Operand<T> x) {
        return reduce(tf, x, "Max");
    }

    @Override
    public Operand<TFloat32> sumOfGradients(Ops tf, Operand<TFloat32> bucket) {
        return settings.roundGradients
                ? tf.dtypes.cast(sum(tf, tf.dtypes.cast(bucket, TBfloat16.class)), TFloat32.class)
                : sum(tf, bucket);
    }

    @Override
    public int count() {
        return count;
    }

    @Override
    public int rank() {
        return rank;
    }

    private <T extends TNumber> Operand<T> reduce(Ops tf, Operand<T> x, String merge) {
        OperationBuilder next = tf.scope()
                .opBuilder("CollectiveReduceV2", "all_reduce")
                .addInput(x.asOutput())
                .addInput(tf.constant(count).asOutput())
                .addInput(tf.constant(settings.group).asOutput())
                .addInput(tf.constant(instance++).asOutput())
                .addInputList(new Output<?>[0])
                .setAttr("T", x.asOutput().dataType())
                .setAttr("merge_op", merge)
                .setAttr("final_op", "Id")
                .setAttr("communication_hint", "auto")
                .setAttr("timeout_seconds", (float) settings.timeoutSeconds)
                .setAttr("is_stateless", false)
                .setAttr("Nordering_token", 0L)
                .setAttr("max_subdivs_per_device", -1L)
                .setDevice(device);
        last = (last == null ? next : next.addControlInput(last)).build();
        return last.output(0);
    }
}

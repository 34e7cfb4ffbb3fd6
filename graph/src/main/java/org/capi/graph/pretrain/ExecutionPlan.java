package org.capi.graph.pretrain;

import java.util.ArrayList;
import java.util.List;
import org.capi.graph.Parameters.LayerPlan;
import org.capi.graph.clustering.RecomputedClustering;
import org.capi.graph.pretrain.PredictionObjective.TeacherTargets;
import org.capi.graph.pretrain.TargetFeatures.PatchFeatures;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.index.Indices;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TType;

/**
 * How a machine executes a {@link TrainStep}; only the rounding may differ. The clustering of the whole
 * batch in chunks of positions is {@link ChunkedClustering}'s own.
 *
 * @param microBatches in how many equal parts, one after the other, the images go through teacher and student; the
 *     clustering still sees them all together
 * @param recompute what the student's backward pass computes again
 * @param parallelStreams how many chains of ops the step offers to run in parallel: the cores of a CPU are busier with
 *     few ops that need no other core than with one op that is cut for all of them; 1 on a GPU
 * @param compiled whether XLA compiles the step, whole or in clusters: then nothing in it branches, and clustering is
 *     computed by {@link RecomputedClustering}
 * @param fusedAttention whether attention is computed by fused kernels of a GPU; only in a step that is one function
 */
public record ExecutionPlan(
        int microBatches, Recompute recompute, int parallelStreams, boolean compiled, boolean fusedAttention) {

    /** All images at once, every activation kept, one op after the other. */
    public static final ExecutionPlan PLAIN = new ExecutionPlan(1, Recompute.OFF, 1, false, false);

    public ExecutionPlan {
        if (microBatches < 1) {
            throw new IllegalArgumentException("micro_batches must be at least 1, was " + microBatches);
        }
        if (parallelStreams < 1) {
            throw new IllegalArgumentException("parallel streams must be at least 1, were " + parallelStreams);
        }
    }

    /** A plan of one stream that saves memory. */
    public ExecutionPlan(int microBatches, Recompute recompute) {
        this(microBatches, recompute, 1, false, false);
    }

    /** The same plan with fused attention or without. */
    ExecutionPlan withFusedAttention(boolean fused) {
        return new ExecutionPlan(microBatches, recompute, parallelStreams, compiled, fused);
    }

    /** The same plan in other parallel streams, for XLA or not. */
    ExecutionPlan with(int otherStreams, boolean byXla) {
        return new ExecutionPlan(microBatches, recompute, otherStreams, byXla, fusedAttention);
    }

    /**
     * What must be there before the student starts: nothing where one op after the other has the whole machine; the
     * targets where memory is short, and for XLA, which would keep the student's activations next to those of the
     * teacher. Where streams share the machine, half of the teacher: a student that started with it would leave its
     * last stream alone at the end, and one that started after it would be alone itself.
     */
    List<? extends Operand<?>> beforeStudent(PatchFeatures<?> teacher, TeacherTargets targets) {
        if (microBatches > 1 || recompute != Recompute.OFF || compiled) {
            return targets.last();
        }
        return parallelStreams == 1 ? List.of() : teacher.halfDone();
    }

    /** How layers compute by this plan. */
    LayerPlan layers() {
        return new LayerPlan(compiled, fusedAttention, true, recompute == Recompute.GELU);
    }

    /** Part {@code i} of a tensor whose first axis the micro-batches share equally. */
    <T extends TType> Operand<T> microBatch(Ops tf, Operand<T> x, int i) {
        if (microBatches == 1) {
            return x;
        }
        long size = x.shape().get(0) / microBatches;
        return tf.stridedSlice(x, Indices.slice(i * size, (i + 1) * size));
    }

    /** The images of each stream; none are left for some where there are more streams than images. */
    List<Operand<TFloat32>> streams(Ops tf, Operand<TFloat32> images) {
        if (parallelStreams == 1) {
            return List.of(images);
        }
        long batch = images.shape().get(0);
        List<Operand<TFloat32>> parts = new ArrayList<>();
        for (long i = 0; i < parallelStreams; i++) {
            long first = batch * i / parallelStreams;
            long next = batch * (i + 1) / parallelStreams;
            if (first < next) {
                parts.add(tf.stridedSlice(images, Indices.slice(first, next)));
            }
        }
        return parts;
    }

    /** What a backward pass computes again instead of keeping it. */
    public enum Recompute {
        /** Nothing. */
        OFF,
        /** The outputs of the blocks' GELUs: a fifth of what a compiled step keeps, less op by op. */
        GELU,
        /** Everything but the input of each block, block by block, see {@link RecomputedPass}. */
        BLOCKS
    }
}

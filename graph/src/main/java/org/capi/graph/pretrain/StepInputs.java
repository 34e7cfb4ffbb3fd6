package org.capi.graph.pretrain;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.function.IntFunction;
import org.capi.graph.Workers;
import org.capi.graph.layer.StochasticDepth;
import org.capi.graph.layer.StochasticDepth.Efficient;
import org.capi.graph.layer.StochasticDepth.Naive;
import org.capi.graph.pretrain.StepConfig.BatchShape;
import org.capi.graph.pretrain.StepConfig.DepthConfig;
import org.capi.graph.pretrain.StepConfig.DepthKind;
import org.capi.graph.vit.PatchEmbedding;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.ndarray.index.Indices;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TUint8;

/**
 * What a step is fed with.
 *
 * @param images grey levels {@code [batch, height, width, 3]}
 * @param normalized the same after the normalisation; a test may feed it instead
 * @param visible positions of visible patches in the grid of the whole batch {@code [batch · visible]}
 * @param predicted positions to predict, likewise {@code [batch · predicted]}
 * @param step the step's number, from 0
 * @param drops which images drop which residual branches, see {@link Drops}
 * @param rates learning rate, learning rate of the clustering head, weight decay, weight decay of the clustering head,
 *     momentum: {@code [5]}
 * @param status what this worker sends to all workers: {@code [STATUS]}; null where there is one worker
 */
public record StepInputs(
        Operand<TUint8> images,
        Operand<TFloat32> normalized,
        Operand<TInt64> visible,
        Operand<TInt64> predicted,
        Operand<TInt64> step,
        Operand<TInt64> drops,
        Operand<TFloat64> rates,
        @Nullable Operand<TFloat64> status) {

    /** How many numbers {@code rates} has. */
    public static final int RATES = 5;

    /** How many numbers a worker sends to the others in a step; what they mean is up to the caller. */
    public static final int STATUS = 2;

    static StepInputs create(Ops tf, BatchShape batch, Drops drops, Workers workers) {
        var images = tf.withName("images")
                .placeholder(
                        TUint8.class, Placeholder.shape(Shape.of(batch.images(), batch.height(), batch.width(), 3)));
        return new StepInputs(
                images,
                PatchEmbedding.normalizeBytes(tf, images),
                positions(tf, "visible", batch.images() * batch.visible()),
                positions(tf, "predicted", batch.images() * batch.predicted()),
                tf.withName("step").placeholder(TInt64.class, Placeholder.shape(Shape.scalar())),
                tf.withName("drops").placeholder(TInt64.class, Placeholder.shape(drops.shape())),
                tf.withName("rates").placeholder(TFloat64.class, Placeholder.shape(Shape.of(RATES))),
                workers.count() == 1
                        ? null
                        : tf.withName("status").placeholder(TFloat64.class, Placeholder.shape(Shape.of(STATUS))));
    }

    private static Operand<TInt64> positions(Ops tf, String name, int count) {
        return tf.withName(name).placeholder(TInt64.class, Placeholder.shape(Shape.of(count)));
    }

    /** The student's stochastic depth in each micro-batch. Residuals are numbered as they are first met. */
    List<StochasticDepth> depths(Ops tf, Drops drawn, int microBatches) {
        Map<String, Integer> numbers = new HashMap<>();
        double rate = drawn.depth().rate();
        // Of all rows at once: XLA would make a kernel of each.
        @Nullable
        Operand<TFloat32> keeps = rate == 0 || drawn.depth().kind() == DepthKind.NAIVE
                ? null
                : Efficient.keeps(
                        tf,
                        tf.stridedSlice(drops, Indices.all(), Indices.sliceFrom(Efficient.kept(drawn.images(), rate))));
        List<StochasticDepth> depths = new ArrayList<>();
        for (int i = 0; i < microBatches; i++) {
            var rows = new Rows(drops, keeps, numbers, "@" + i);
            depths.add(
                    rate == 0
                            ? StochasticDepth.NONE
                            : switch (drawn.depth().kind()) {
                                case EFFICIENT -> new Efficient(rate, rows);
                                case NAIVE -> new Naive(rate, rows);
                            });
        }
        return depths;
    }

    /**
     * The rows of a micro-batch's residuals.
     *
     * @param keeps of all rows {@code [residuals, images]}; null if these are not of {@link Efficient}
     */
    private record Rows(
            Operand<TInt64> drops, @Nullable Operand<TFloat32> keeps, Map<String, Integer> numbers, String microBatch)
            implements StochasticDepth.Draws {
        @Override
        public Operand<TInt64> row(Ops tf, String residual) {
            return tf.stridedSlice(drops, Indices.at(number(residual)));
        }

        @Override
        public Operand<TFloat32> keeps(Ops tf, String residual, Operand<TInt64> positions) {
            return tf.stridedSlice(requireNonNull(keeps), Indices.at(number(residual)));
        }

        private int number(String residual) {
            return numbers.computeIfAbsent(residual + microBatch, name -> numbers.size());
        }
    }

    /**
     * Which images drop which residual branches of the student in a step: what {@link #drops()} is fed with.
     *
     * @param depth stochastic depth
     * @param residuals how many branches there are in all passes of a step, one pass for each micro-batch
     * @param images of a micro-batch
     */
    public record Drops(DepthConfig depth, int residuals, int images) {

        /** Those of a step. */
        public static Drops of(StepConfig config) {
            int parts = config.plan().microBatches();
            int blocks = config.vit().depth() + config.vit().predictorDepth();
            return new Drops(
                    config.depth(),
                    config.depth().rate() == 0 ? 0 : 2 * blocks * parts,
                    config.batch().images() / parts);
        }

        /** {@code [residuals, width of a row]}. */
        Shape shape() {
            int width = switch (depth.kind()) {
                case EFFICIENT -> Efficient.kept(images, depth.rate()) + images;
                case NAIVE -> images;
            };
            return Shape.of(residuals, width);
        }

        /**
         * Draws those of a step.
         *
         * @param uniform numbers in [0, 1) for each residual: those of the first micro-batch in the order of its
         *     forward pass, then those of the next
         */
        public TInt64 draw(IntFunction<DoubleSupplier> uniform) {
            long[] rows = new long[Math.toIntExact(shape().size())];
            for (int i = 0; i < residuals; i++) {
                var numbers = uniform.apply(i);
                long[] row = switch (depth.kind()) {
                    case EFFICIENT -> Efficient.row(images, depth.rate(), numbers);
                    case NAIVE -> Naive.row(images, depth.rate(), numbers);
                };
                System.arraycopy(row, 0, rows, i * row.length, row.length);
            }
            return TInt64.tensorOf(shape(), DataBuffers.of(rows));
        }
    }
}

package org.capi.graph.pretrain;

import java.util.function.DoubleSupplier;
import java.util.function.IntFunction;
import org.capi.graph.layer.StochasticDepth.Efficient;
import org.capi.graph.layer.StochasticDepth.Naive;
import org.capi.graph.pretrain.StepConfig.DepthConfig;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TInt64;

/**
 * Which images drop which residual branches of the student in a step: what {@link Inputs#drops()} is fed with.
 *
 * @param depth stochastic depth
 * @param residuals how many branches there are in all passes of a step, one pass for each micro-batch
 * @param images of a micro-batch
 */
public record Drops(DepthConfig depth, int residuals, int images) {

    /** Those of a step. */
    public static Drops of(StepConfig config) {
        int parts = config.memory().microBatches();
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
     * @param uniform numbers in [0, 1) for each residual: those of the first micro-batch in the order of its forward
     *     pass, then those of the next
     */
    public TInt64 draw(IntFunction<DoubleSupplier> uniform) {
        long[] rows = new long[Math.toIntExact(shape().size())];
        for (int i = 0; i < residuals; i++) {
            long[] row = row(uniform.apply(i));
            System.arraycopy(row, 0, rows, i * row.length, row.length);
        }
        return TInt64.tensorOf(shape(), DataBuffers.of(rows));
    }

    private long[] row(DoubleSupplier uniform) {
        return switch (depth.kind()) {
            case EFFICIENT -> Efficient.row(images, depth.rate(), uniform);
            case NAIVE -> Naive.row(images, depth.rate(), uniform);
        };
    }
}

package org.capi.train.bench;

import java.util.Locale;
import java.util.Set;
import org.capi.graph.Workers;
import org.capi.graph.pretrain.StepConfig;
import org.capi.graph.pretrain.TrainStep;
import org.capi.train.config.PretrainConfig;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Graph;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.DataType;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat32;

/**
 * The least work of a training step, from its graph: its matrix products, whose operands and results each cross the
 * memory once, and its variables, each read and written once. Everything else is taken to be free, and so are the scores
 * of attention, which fused kernels never store. No device computes a step in less time; a good program comes near.
 *
 * @param batchSize images of a step
 * @param products how many matrix products
 * @param flops of the products, two for each multiplication
 * @param productBytes their operands and results
 * @param variableBytes of all variables, twice
 * @param seconds the sum over the products of the larger of compute and memory time, and the variables' memory time
 * @param flopsPerSecond of the device
 * @param bytesPerSecond of the device's memory
 */
public record StepEstimate(
        int batchSize,
        int products,
        double flops,
        double productBytes,
        double variableBytes,
        double seconds,
        double flopsPerSecond,
        double bytesPerSecond) {

    private static final double TERA = 1e12;
    private static final double GIGA = 1e9;

    /** Counts, without a session. */
    static StepEstimate of(PretrainConfig config, double flopsPerSecond, double bytesPerSecond) {
        if (!(flopsPerSecond > 0) || !(bytesPerSecond > 0)) {
            throw new IllegalArgumentException(
                    "--flops and --bandwidth must be above 0, were " + flopsPerSecond + " and " + bytesPerSecond);
        }
        try (Graph graph = new Graph()) {
            Ops tf = Ops.create(graph);
            StepConfig step = config.step().with(1, true);
            TrainStep built = switch (config.compute().type()) {
                case FLOAT32 -> TrainStep.create(tf, TFloat32.class, step, Workers.ALONE);
                case BFLOAT16 -> TrainStep.create(tf, TBfloat16.class, step, Workers.ALONE);
            };
            int products = 0;
            double flops = 0;
            double bytes = 0;
            double seconds = 0;
            Set<GraphOperation> used =
                    graph.subgraphToOps(Set.of((GraphOperation) built.update().op()));
            for (GraphOperation op : used) {
                double own = flops(op);
                if (own > 0) {
                    double moved = bytes(op);
                    products++;
                    flops += own;
                    bytes += moved;
                    seconds += Math.max(own / flopsPerSecond, moved / bytesPerSecond);
                }
            }
            double variables = 2
                    * built.variables().stream()
                            .mapToDouble(variable -> (double) variable.shape().size() * Float.BYTES)
                            .sum();
            return new StepEstimate(
                    config.optim().batchSize(),
                    products,
                    flops,
                    bytes,
                    variables,
                    seconds + variables / bytesPerSecond,
                    flopsPerSecond,
                    bytesPerSecond);
        }
    }

    /** Of a matrix product; 0 for any other operation. */
    static double flops(GraphOperation op) {
        return switch (op.type()) {
            case "MatMul" -> product(op, op.attributes().getAttrBool("transpose_a"));
            case "BatchMatMulV2", "BatchMatMulV3" -> product(op, op.attributes().getAttrBool("adj_x"));
            case "Einsum" -> einsum(op);
            default -> 0;
        };
    }

    private static double product(GraphOperation op, boolean turned) {
        var left = op.input(0).shape();
        return 2.0 * op.output(0).shape().size() * left.get(left.numDimensions() - (turned ? 2 : 1));
    }

    /** Two for each combination of all indices. */
    private static double einsum(GraphOperation op) {
        String[] terms = terms(op);
        double flops = 2;
        var seen = new StringBuilder();
        for (int input = 0; input < op.numInputs(); input++) {
            for (int i = 0; i < terms[input].length(); i++) {
                String index = terms[input].substring(i, i + 1);
                if (seen.indexOf(index) < 0) {
                    flops *= op.input(input).shape().get(i);
                    seen.append(index);
                }
            }
        }
        return flops;
    }

    /** The indices of each operand and of the result. */
    private static String[] terms(GraphOperation einsum) {
        return einsum.attributes().getAttrString("equation").split("->|,", -1);
    }

    static double bytes(GraphOperation op) {
        String[] terms = op.type().equals("Einsum") ? terms(op) : new String[op.numInputs() + 1];
        double bytes = isScores(terms[op.numInputs()]) ? 0 : bytes(op.output(0));
        for (int input = 0; input < op.numInputs(); input++) {
            bytes += isScores(terms[input]) ? 0 : bytes(op.input(input));
        }
        return bytes;
    }

    /** {@code [batch, heads, queries, keys]}, the indices t and s of {@code Attention}'s einsums. */
    private static boolean isScores(@Nullable String term) {
        return term != null && term.contains("t") && term.contains("s");
    }

    private static double bytes(Operand<?> operand) {
        Output<?> output = operand.asOutput();
        int each = output.dataType() == DataType.DT_BFLOAT16 ? 2 : output.dataType() == DataType.DT_DOUBLE ? 8 : 4;
        return (double) output.shape().size() * each;
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%.2f TFLOP in %,d matrix products", flops / TERA, products)
                + String.format(Locale.ROOT, ", which move %.1f GB; ", productBytes / GIGA)
                + String.format(Locale.ROOT, "variables: %.1f GB%n", variableBytes / GIGA)
                + String.format(Locale.ROOT, "at %.0f TFLOP/s and ", flopsPerSecond / TERA)
                + String.format(Locale.ROOT, "%.2f TB/s at least %.4f s, ", bytesPerSecond / TERA, seconds)
                + String.format(Locale.ROOT, "at most %.0f images/s (batch %d)", batchSize / seconds, batchSize);
    }
}

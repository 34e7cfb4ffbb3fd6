package org.capi.train.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.capi.train.TinyRun;
import org.junit.jupiter.api.Test;
import org.tensorflow.Graph;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.op.train.BatchMatMul;
import org.tensorflow.types.TFloat32;

class StepEstimateTest {

    @Test
    void aProductTakesTwoFlopsForEachMultiplicationAndMovesOperandsAndResult() {
        try (Graph graph = new Graph()) {
            Ops tf = Ops.create(graph);
            assertProduct(
                    tf.linalg.matMul(zeros(tf, 5, 3), zeros(tf, 5, 7), MatMul.transposeA(true)),
                    2 * 3 * 5 * 7,
                    4 * (5 * 3 + 5 * 7 + 3 * 7));
            assertProduct(
                    tf.train.batchMatMul(
                            zeros(tf, 1, 3, 5), zeros(tf, 2, 7, 5), TFloat32.class, BatchMatMul.adjY(true)),
                    2 * 2 * 3 * 5 * 7,
                    4 * (3 * 5 + 2 * 7 * 5 + 2 * 3 * 7));
            assertProduct(
                    tf.linalg.einsum(List.of(zeros(tf, 5, 3), zeros(tf, 3, 7)), "ab,bc->ac"),
                    2 * 3 * 5 * 7,
                    4 * (5 * 3 + 3 * 7 + 5 * 7));
            assertThat(StepEstimate.flops(op(tf.math.add(zeros(tf, 5, 3), zeros(tf, 5, 3)))))
                    .isZero();
        }
    }

    @Test
    void scoresOfAttentionAreComputedButNotMoved() {
        try (Graph graph = new Graph()) {
            Ops tf = Ops.create(graph);
            assertProduct(
                    tf.linalg.einsum(List.of(zeros(tf, 2, 3, 11, 5), zeros(tf, 2, 3, 13, 5)), "bhtd,bhsd->bhts"),
                    2 * 2 * 3 * 11 * 13 * 5,
                    4 * (2 * 3 * 11 * 5 + 2 * 3 * 13 * 5));
        }
    }

    @Test
    void theProductsOfAStepFollowTheBatchAndItsVariablesDoNot() {
        var once = StepEstimate.of(TinyRun.config(4), 1e12, 1e11);
        var twice = StepEstimate.of(TinyRun.config(4, "optim.batch_size=12"), 1e12, 1e11);
        assertThat(twice.flops()).isCloseTo(2 * once.flops(), within(1e-9 * once.flops()));
        assertThat(twice.variableBytes()).isEqualTo(once.variableBytes());
        assertThat(once.seconds())
                .isGreaterThan(once.flops() / 1e12)
                .isGreaterThan((once.productBytes() + once.variableBytes()) / 1e11)
                .isLessThan(once.flops() / 1e12 + (once.productBytes() + once.variableBytes()) / 1e11);
    }

    @Test
    void aDeviceThatDoesNothingIsRefused() {
        assertThatThrownBy(() -> StepEstimate.of(TinyRun.config(4), 0, 1e12))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("--flops and --bandwidth must be above 0, were 0.0 and 1.0E12");
    }

    private static void assertProduct(Operand<TFloat32> product, double flops, double bytes) {
        assertThat(StepEstimate.flops(op(product))).isEqualTo(flops);
        assertThat(StepEstimate.bytes(op(product))).isEqualTo(bytes);
    }

    private static GraphOperation op(Operand<TFloat32> operand) {
        return (GraphOperation) operand.op();
    }

    private static Operand<TFloat32> zeros(Ops tf, long... shape) {
        return tf.zeros(tf.constant(shape), TFloat32.class);
    }
}

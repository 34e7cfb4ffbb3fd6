package org.capi.graph.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.capi.golden.GoldenAssertions.assertGolden;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.capi.golden.Golden;
import org.capi.graph.Parameter;
import org.capi.graph.Parameters;
import org.capi.graph.Tensors;
import org.capi.graph.TestGraph;
import org.capi.graph.layer.Transformer.Block;
import org.junit.jupiter.api.Test;
import org.tensorflow.Operand;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.types.TFloat32;

class GoldenStochasticDepthTest {

    private final Golden golden = Golden.fixture("drop_path");
    private final double rate = golden.hyper().get("drop").asDouble();

    @Test
    void theNumberOfKeptImagesIsTruncatedAndAtLeastOne() {
        var table = golden.array("n_keep_table");
        double[] rows = table.doubles();
        for (int i = 0; i < rows.length; i += 3) {
            assertThat(StochasticDepth.Efficient.kept((int) rows[i], rows[i + 1]))
                    .as("batch " + rows[i] + ", rate " + rows[i + 1])
                    .isEqualTo((int) rows[i + 2]);
        }
    }

    @Test
    void selfAttentionOfAKeptSubsetIsTheReferences() {
        compare("self/");
    }

    @Test
    void crossAttentionOfAKeptSubsetIsTheReferences() {
        compare("cross/");
    }

    @Test
    void theNaiveKindDividesByTheProbabilityOfBeingKept() {
        try (TestGraph graph = new TestGraph()) {
            var tf = graph.tf();
            float[] mask = golden.array("naive/mask").floats();
            long[] row = new long[mask.length];
            Arrays.setAll(row, i -> mask[i] == 1 ? 1 : 0);
            var depth = new StochasticDepth.Naive(rate, (ops, residual) -> ops.constant(row));
            Operand<TFloat32> x = graph.constant(golden.array("naive/x"));
            Operand<TFloat32> weight = graph.constant(golden.array("naive/weight"));
            var out = depth.add(
                    tf,
                    "residual",
                    x,
                    images -> Tensors.unrows(
                            tf, tf.linalg.matMul(Tensors.rows(tf, images.of(x)), weight, MatMul.transposeB(true)), x));
            assertGolden(golden, "naive/out", graph.value(out));
        }
    }

    private void compare(String dir) {
        boolean cross = dir.equals("cross/");
        int dim = golden.hyper().get("dim").asInt();
        try (TestGraph graph = new TestGraph()) {
            var tf = graph.tf();
            var params = Parameters.create(tf, TFloat32.class, 0);
            var block = Block.create(
                    params, dim, dim, golden.hyper().get("heads").asInt(), (p, d) -> Rope.create(p, d, 7, 7e-4));
            graph.load(golden, dir + "weights/", params.list());
            Operand<TFloat32> x = graph.constant(golden.array(dir + "x"));
            Operand<TFloat32> where = graph.constant(golden.array(dir + "coords"));
            Operand<TFloat32> context = cross ? graph.constant(golden.array(dir + "context")) : x;
            Operand<TFloat32> contextCoords = cross ? graph.constant(golden.array(dir + "context_coords")) : where;
            int batch = Math.toIntExact(x.shape().get(0));
            var depth = new StochasticDepth.Efficient(rate, (ops, residual) -> {
                long[] kept = golden.array(dir + (residual.endsWith("1") ? "kept1" : "kept2"))
                        .longs();
                return ops.constant(StochasticDepth.Efficient.row(kept, batch));
            });
            var out = apply(graph, block, x, where, context, contextCoords, cross, depth);
            assertGolden(golden, dir + "out", graph.value(out));
            var whole = apply(graph, block, x, where, context, contextCoords, cross, StochasticDepth.NONE);
            assertGolden(golden, dir + "out_eval", graph.value(whole));

            List<String> checked = golden.names(dir + "grads/");
            List<Operand<TFloat32>> operands = new ArrayList<>(params.list().stream()
                    .filter(p -> checked.contains(p.name()))
                    .map(Parameter::value)
                    .toList());
            List<String> names = params.list().stream()
                    .map(Parameter::name)
                    .filter(checked::contains)
                    .toList();
            operands.add(x);
            if (cross) {
                operands.add(context);
            }
            var gradients = graph.gradients(out, graph.constant(golden.array(dir + "upstream")), operands);
            for (int i = 0; i < names.size(); i++) {
                assertGolden(golden, dir + "grads/" + names.get(i), graph.value(gradients.get(i)));
            }
            assertGolden(golden, dir + "grad_x", graph.value(gradients.get(names.size())));
            if (cross) {
                assertGolden(golden, dir + "grad_context", graph.value(gradients.get(names.size() + 1)));
            }
        }
    }

    private static Operand<TFloat32> apply(
            TestGraph graph,
            Block<TFloat32> block,
            Operand<TFloat32> x,
            Operand<TFloat32> where,
            Operand<TFloat32> context,
            Operand<TFloat32> contextCoords,
            boolean cross,
            StochasticDepth depth) {
        return cross
                ? block.apply(graph.tf(), x, where, context, contextCoords, depth)
                : block.apply(graph.tf(), x, where, depth);
    }
}

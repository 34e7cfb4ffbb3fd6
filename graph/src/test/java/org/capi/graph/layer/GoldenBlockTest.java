package org.capi.graph.layer;

import static org.capi.golden.GoldenAssertions.assertGolden;

import java.util.ArrayList;
import java.util.List;
import org.capi.golden.Golden;
import org.capi.graph.Parameter;
import org.capi.graph.Parameters;
import org.capi.graph.TestGraph;
import org.capi.graph.layer.Transformer.Block;
import org.junit.jupiter.api.Test;
import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;

class GoldenBlockTest {

    private final Golden golden = Golden.fixture("block");

    @Test
    void selfAttentionAndItsGradientsAreTheReferences() {
        compare("self/");
    }

    @Test
    void crossAttentionAndItsGradientsAreTheReferences() {
        compare("cross/");
    }

    private void compare(String dir) {
        boolean cross = dir.equals("cross/");
        int dim = golden.hyper().get("dim").asInt();
        int contextDim = cross ? golden.hyper().get("ctx").asInt() : dim;
        try (TestGraph graph = new TestGraph()) {
            var tf = graph.tf();
            var params = Parameters.create(tf, TFloat32.class, 0);
            var block = Block.create(
                    params, dim, contextDim, golden.hyper().get("heads").asInt(), (p, d) -> Rope.create(p, d, 7, 7e-4));
            graph.load(golden, dir + "weights/", params.list());
            Operand<TFloat32> x = graph.constant(golden.array(dir + "x"));
            Operand<TFloat32> where = graph.constant(golden.array(dir + "coords"));
            var normed = block.norm1().apply(tf, x);
            Operand<TFloat32> context = cross ? graph.constant(golden.array(dir + "context")) : normed;
            Operand<TFloat32> contextCoords = cross ? graph.constant(golden.array(dir + "context_coords")) : where;
            assertGolden(golden, dir + "norm1", graph.value(normed));
            var attended = block.attention().apply(tf, normed, where, context, contextCoords);
            assertGolden(golden, dir + "attn", graph.value(attended));
            var mapped = block.mlp().apply(tf, block.norm2().apply(tf, x));
            assertGolden(golden, dir + "mlp", graph.value(mapped));

            var out = cross
                    ? block.apply(tf, x, where, context, contextCoords, StochasticDepth.NONE)
                    : block.apply(tf, x, where, StochasticDepth.NONE);
            assertGolden(golden, dir + "out", graph.value(out));
            List<Operand<TFloat32>> operands =
                    new ArrayList<>(params.list().stream().map(Parameter::value).toList());
            operands.add(x);
            if (cross) {
                operands.add(context);
            }
            var gradients = graph.gradients(out, graph.constant(golden.array(dir + "upstream")), operands);
            for (int i = 0; i < params.list().size(); i++) {
                String name = params.list().get(i).name();
                assertGolden(golden, dir + "grads/" + name, graph.value(gradients.get(i)));
            }
            assertGolden(
                    golden,
                    dir + "grad_x",
                    graph.value(gradients.get(params.list().size())));
            if (cross) {
                assertGolden(golden, dir + "grad_context", graph.value(gradients.get(operands.size() - 1)));
            }
        }
    }
}

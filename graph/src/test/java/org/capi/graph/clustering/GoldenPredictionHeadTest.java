package org.capi.graph.clustering;

import static org.assertj.core.api.Assertions.assertThat;
import static org.capi.golden.GoldenAssertions.assertGolden;

import java.util.ArrayList;
import java.util.List;
import org.capi.golden.Golden;
import org.capi.graph.Parameter;
import org.capi.graph.Parameters;
import org.capi.graph.TestGraph;
import org.capi.graph.clustering.PredictionHead.WeightNormedHead;
import org.junit.jupiter.api.Test;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TFloat32;

class GoldenPredictionHeadTest {

    private final Golden golden = Golden.fixture("l2normlinear");
    private final int dim = golden.hyper().get("in_dim").asInt();
    private final int prototypes = golden.hyper().get("out_dim").asInt();

    @Test
    void logitsAndGradientsAreTheReferences() {
        try (TestGraph graph = new TestGraph()) {
            var params = Parameters.create(graph.tf(), TFloat32.class, 0);
            var head = WeightNormedHead.create(params, dim, prototypes);
            graph.load(golden, "", params.list());
            Operand<TFloat32> x = graph.constant(golden.array("x"));
            var logits = head.apply(graph.tf(), x);
            assertGolden(golden, "out", graph.value(logits));
            List<Operand<TFloat32>> operands =
                    new ArrayList<>(params.list().stream().map(Parameter::value).toList());
            operands.add(x);
            var gradients = graph.gradients(logits, graph.constant(golden.array("upstream")), operands);
            assertGolden(golden, "grads/last_layer.weight_g", graph.value(gradients.get(0)));
            assertGolden(golden, "grads/last_layer.weight_v", graph.value(gradients.get(1)));
            assertGolden(golden, "grad_x", graph.value(gradients.get(2)));
        }
    }

    @Test
    void zeroFeaturesGiveZeroLogitsAndFiniteGradients() {
        try (TestGraph graph = new TestGraph()) {
            var tf = graph.tf();
            var params = Parameters.create(tf, TFloat32.class, 0);
            var head = WeightNormedHead.create(params, dim, prototypes);
            graph.load(golden, "", params.list());
            Operand<TFloat32> zeros = tf.zeros(tf.constant(Shape.of(2, dim)), TFloat32.class);
            var logits = head.apply(tf, zeros);
            assertGolden(golden, "out_zero", graph.value(logits));
            var gradients = graph.gradients(logits, tf.constant(1f), List.of(zeros));
            for (float value : graph.value(gradients.get(0))) {
                assertThat(value).isFinite();
            }
        }
    }
}

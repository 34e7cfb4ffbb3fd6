package org.capi.graph.clustering;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.capi.golden.GoldenAssertions.assertGolden;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.capi.golden.Golden;
import org.capi.graph.Parameter;
import org.capi.graph.Parameters;
import org.capi.graph.TestGraph;
import org.capi.graph.Workers;
import org.junit.jupiter.api.Test;
import org.tensorflow.Operand;
import org.tensorflow.types.TFloat32;

class GoldenClusteringHeadTest {

    private final Golden golden = Golden.fixture("sinkhorn");

    @Test
    void assignmentsLossAndGradientsAreTheReferences() {
        for (JsonNode hyper : golden.hyper().get("clustering")) {
            if (hyper.has("error")) {
                assertThatThrownBy(() -> compare(hyper)).isInstanceOf(IllegalArgumentException.class);
            } else {
                compare(hyper);
            }
        }
    }

    private void compare(JsonNode hyper) {
        String dir = hyper.get("dir").asText();
        var config = new ClusteringConfig(
                hyper.get("out_dim").asInt(),
                0.12,
                hyper.get("target_temp").asDouble(),
                hyper.get("pred_temp").asDouble(),
                hyper.get("n_sk_iter").asInt(),
                hyper.get("positionwise_sk").asBoolean()
                        ? SinkhornKnopp.Grouping.POSITIONWISE
                        : SinkhornKnopp.Grouping.STANDARD,
                hyper.get("bias").asBoolean());
        try (TestGraph graph = new TestGraph()) {
            var params = Parameters.create(graph.tf(), TFloat32.class, 0);
            var head = ClusteringHead.create(params, hyper.get("in_dim").asInt(), config);
            graph.load(golden, dir, params.list());
            Operand<TFloat32> x = graph.constant(golden.array(dir + "x"));
            var clusters = head.apply(graph.tf(), x, Workers.ALONE);
            assertGolden(golden, dir + "assignments", graph.value(clusters.assignments()));
            assertGolden(golden, dir + "loss", graph.value(requireNonNull(clusters.loss())));
            List<Operand<TFloat32>> operands =
                    new ArrayList<>(params.list().stream().map(Parameter::value).toList());
            operands.add(x);
            var gradients =
                    graph.gradients(requireNonNull(clusters.loss()), graph.tf().constant(1f), operands);
            for (int i = 0; i < params.list().size(); i++) {
                String name = params.list().get(i).name();
                assertGolden(golden, dir + "grad." + name, graph.value(gradients.get(i)));
            }
            assertGolden(golden, dir + "grad_x", graph.value(gradients.get(operands.size() - 1)));
        }
    }
}

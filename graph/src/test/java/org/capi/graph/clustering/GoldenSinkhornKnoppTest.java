package org.capi.graph.clustering;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.capi.golden.GoldenAssertions.assertGolden;

import com.fasterxml.jackson.databind.JsonNode;
import org.capi.golden.Golden;
import org.capi.graph.TestGraph;
import org.capi.graph.Workers;
import org.junit.jupiter.api.Test;

class GoldenSinkhornKnoppTest {

    private final Golden golden = Golden.fixture("sinkhorn");

    @Test
    void assignmentsAreTheReferences() {
        for (JsonNode hyper : golden.hyper().get("cases")) {
            if (hyper.has("error")) {
                assertThatThrownBy(() -> assign(hyper, hyper.get("n_iterations").asInt()))
                        .isInstanceOf(IllegalArgumentException.class);
                continue;
            }
            String dir = hyper.get("dir").asText();
            if (golden.has(dir + "stable_exp")) {
                assertGolden(golden, dir + "stable_exp", assign(hyper, 0));
            }
            assertGolden(
                    golden, dir + "out", assign(hyper, hyper.get("n_iterations").asInt()));
        }
    }

    private float[] assign(JsonNode hyper, int iterations) {
        try (TestGraph graph = new TestGraph()) {
            var logits = graph.constant(golden.array(hyper.get("dir").asText() + "logits"));
            var sinkhorn = new SinkhornKnopp(iterations, hyper.get("temp").asDouble());
            return graph.value(sinkhorn.apply(graph.tf(), logits, Workers.ALONE));
        }
    }
}

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
                assertThatThrownBy(() -> compare(hyper)).isInstanceOf(IllegalArgumentException.class);
            } else {
                compare(hyper);
            }
        }
    }

    private void compare(JsonNode hyper) {
        String dir = hyper.get("dir").asText();
        try (TestGraph graph = new TestGraph()) {
            var tf = graph.tf();
            var logits = graph.constant(golden.array(dir + "logits"));
            var scores =
                    tf.math.div(logits, tf.constant((float) hyper.get("temp").asDouble()));
            var exponentials = new SinkhornKnopp(0).apply(tf, scores, Workers.ALONE);
            assertGolden(golden, dir + "stable_exp", graph.value(exponentials));
            var assignments = new SinkhornKnopp(hyper.get("n_iterations").asInt()).apply(tf, scores, Workers.ALONE);
            assertGolden(golden, dir + "out", graph.value(assignments));
        }
    }
}

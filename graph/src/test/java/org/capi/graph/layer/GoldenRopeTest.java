package org.capi.graph.layer;

import static org.capi.golden.GoldenAssertions.assertGolden;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.capi.golden.Golden;
import org.capi.graph.TestGraph;
import org.junit.jupiter.api.Test;
import org.tensorflow.Operand;
import org.tensorflow.op.core.Squeeze;
import org.tensorflow.types.TFloat32;

class GoldenRopeTest {

    private final Golden golden = Golden.fixture("rope");

    @Test
    void theTableHasTheReferencesFrequencies() {
        for (JsonNode hyper : golden.hyper().get("cases")) {
            float[][] table = Rope.frequencies(
                    hyper.get("head_dim").asInt(),
                    hyper.get("max_freq").asDouble(),
                    hyper.get("min_freq").asDouble());
            float[] flat = new float[2 * table[0].length];
            System.arraycopy(table[0], 0, flat, 0, table[0].length);
            System.arraycopy(table[1], 0, flat, table[0].length, table[0].length);
            assertGolden(golden, hyper.get("dir").asText() + "freqs", flat);
        }
    }

    @Test
    void queriesAndTheirGradientsAreTheReferences() {
        for (JsonNode hyper : golden.hyper().get("cases")) {
            String dir = hyper.get("dir").asText();
            try (TestGraph graph = new TestGraph()) {
                var tf = graph.tf();
                Operand<TFloat32> table = graph.constant(golden.array(dir + "freqs"));
                Operand<TFloat32> x = graph.constant(golden.array(dir + "x"));
                Operand<TFloat32> coords = graph.constant(golden.array(dir + "coords")); // [batch, 1, tokens, 2]
                var turned = new Rope(table).apply(tf, x, tf.squeeze(coords, Squeeze.axis(1L)));
                assertGolden(golden, dir + "out", graph.value(turned));
                var gradients = graph.gradients(
                        turned, graph.constant(golden.array(dir + "upstream")), List.of(x, coords, table));
                assertGolden(golden, dir + "grad_x", graph.value(gradients.get(0)));
                assertGolden(golden, dir + "grad_coords", graph.value(gradients.get(1)));
                assertGolden(golden, dir + "grad_freqs", graph.value(gradients.get(2)));
            }
        }
    }
}

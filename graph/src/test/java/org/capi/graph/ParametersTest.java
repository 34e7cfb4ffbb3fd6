package org.capi.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.capi.graph.Parameter.Role;
import org.junit.jupiter.api.Test;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TFloat32;

class ParametersTest {

    @Test
    void aNameIsItsScopesJoinedByDots() {
        try (TestGraph graph = new TestGraph()) {
            var params = Parameters.create(graph.tf(), TFloat32.class, 0);
            params.in("encoder").in("blocks.0").declare("weight", Role.WEIGHT, Shape.of(2), Initializer.ONES);
            assertThat(params.list())
                    .singleElement()
                    .satisfies(p -> assertThat(p.name()).isEqualTo("encoder.blocks.0.weight"));
        }
    }

    @Test
    void aNameDeclaredTwiceIsRefused() {
        try (TestGraph graph = new TestGraph()) {
            var params = Parameters.create(graph.tf(), TFloat32.class, 0);
            params.in("a").declare("weight", Role.WEIGHT, Shape.of(2), Initializer.ONES);
            assertThatThrownBy(() -> params.in("a").declare("weight", Role.WEIGHT, Shape.of(2), Initializer.ONES))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("parameter declared twice: a.weight");
        }
    }

    @Test
    void firstValuesAreFunctionsOfSeedAndName() {
        float[] first = normal(1, "a");
        assertThat(normal(1, "a")).isEqualTo(first);
        assertThat(normal(2, "a")).isNotEqualTo(first);
        assertThat(normal(1, "b")).isNotEqualTo(first);
    }

    @Test
    void xavierValuesFillTheirBoundsEvenly() {
        try (TestGraph graph = new TestGraph()) {
            var params = Parameters.create(graph.tf(), TFloat32.class, 7);
            // A convolution's weight counts as [out, channels * height * width].
            params.declare("weight", Role.WEIGHT, Shape.of(40, 3, 4, 5), Initializer.XAVIER_UNIFORM);
            graph.initialize(params.list());
            float[] values = graph.value(params.list().get(0).value());
            double bound = Math.sqrt(6.0 / (40 + 60));
            double squares = 0;
            for (float value : values) {
                assertThat(Math.abs(value)).isLessThanOrEqualTo((float) bound);
                squares += value * value;
            }
            assertThat(Math.sqrt(squares / values.length))
                    .isBetween(0.95 * bound / Math.sqrt(3), 1.05 * bound / Math.sqrt(3));
        }
    }

    private static float[] normal(long seed, String name) {
        try (TestGraph graph = new TestGraph()) {
            var params = Parameters.create(graph.tf(), TFloat32.class, seed);
            params.declare(name, Role.WEIGHT, Shape.of(8), Initializer.normal(0.02));
            graph.initialize(List.copyOf(params.list()));
            return graph.value(params.list().get(0).value());
        }
    }
}

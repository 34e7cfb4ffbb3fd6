package org.capi.graph.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.ArrayList;
import java.util.List;
import org.capi.graph.Initializer;
import org.capi.graph.Parameter.Role;
import org.capi.graph.Parameters;
import org.capi.graph.TestGraph;
import org.capi.graph.VariableFile;
import org.capi.graph.VariableFile.Variable;
import org.capi.graph.optim.AdamW.ParameterGroups;
import org.junit.jupiter.api.Test;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;

class AdamWTest {

    private static final double RATE = 0.01;
    private static final double DECAY = 0.3;
    private static final double GRADIENT = 0.25;

    @Test
    void threeUpdatesAreThoseOfADoubleLoop() {
        for (boolean compiled : new boolean[] {false, true}) {
            compare(Role.WEIGHT, 1, 1, compiled);
            compare(Role.NORM, 1, 0.1, compiled);
            compare(Role.PATCH_EMBED, 0.2, 1, compiled);
            compare(Role.PATCH_EMBED_BIAS, 0.2, 0, compiled);
        }
    }

    @Test
    void largeParametersOfACompiledStepAreUpdatedAsTheOthers() {
        try (TestGraph graph = new TestGraph()) {
            var tf = graph.tf();
            var params = Parameters.create(tf, TFloat32.class, 0);
            for (String name : List.of("large", "next", "last")) {
                params.declareFloat32(name, Role.WEIGHT, Shape.of(2048, 1024), Initializer.ONES);
            }
            params.declareFloat32("small", Role.WEIGHT, Shape.of(2, 1024), Initializer.ONES);
            List<Operand<TFloat32>> gradients = new ArrayList<>();
            params.list().forEach(p -> gradients.add(tf.math.mul(tf.constant((float) GRADIENT), p.value())));
            var condition = tf.placeholder(TBool.class);
            var rates = new AdamW.Rates(tf.constant(RATE), tf.constant(DECAY), tf.constant(1.0));
            var update = new AdamW(0.9, 0.95, 1e-8, ParameterGroups.UNIFORM)
                    .update(tf, params.list(), gradients, rates, condition);
            List<Variable> variables = new ArrayList<>(update.moments());
            params.list().forEach(p -> variables.add(p.variable()));
            graph.session()
                    .runner()
                    .addTarget(VariableFile.create(tf, variables).initialize())
                    .run()
                    .close();
            for (boolean holds : new boolean[] {false, true}) {
                try (var value = TBool.scalarOf(holds)) {
                    var runner = graph.session().runner().feed(condition, value).fetch(update.change());
                    update.updates().forEach(runner::addTarget);
                    try (var results = runner.run()) {
                        double each = RATE * DECAY + RATE;
                        assertThat(((TFloat64) results.get(0)).getDouble())
                                .isCloseTo(each * Math.sqrt((3 * 2048 + 2) * 1024.0), withinPercentage(0.01));
                    }
                }
                for (var parameter : params.list()) {
                    var now = tf.readVariableOp(parameter.handle(), TFloat32.class);
                    float expected = holds ? (float) (1 - RATE * DECAY - RATE) : 1;
                    assertThat(graph.value(tf.reduceMin(now, tf.constant(new int[] {0, 1}))))
                            .containsExactly(new float[] {expected}, within(1e-6f));
                    assertThat(graph.value(tf.reduceMax(now, tf.constant(new int[] {0, 1}))))
                            .containsExactly(new float[] {expected}, within(1e-6f));
                }
            }
        }
    }

    @Test
    void frequenciesOfARotaryEmbeddingDoNotMove() {
        assertThat(new ParameterGroups(0.2, 0.1, 0).rate(Role.ROPE)).isZero();
        assertThat(ParameterGroups.UNIFORM.rate(Role.ROPE)).isZero();
    }

    @Test
    void theClusteringHeadsBiasDecaysTooAsInTheReference() {
        assertThat(ParameterGroups.UNIFORM.decay(Role.BIAS)).isEqualTo(1);
        assertThat(new ParameterGroups(0.2, 0.1, 0).decay(Role.BIAS)).isZero();
    }

    @Test
    void coefficientsOutOfRangeAreRefused() {
        assertThatThrownBy(() -> new AdamW(1, 0.95, 1e-8, ParameterGroups.UNIFORM))
                .hasMessage("betas must be in [0, 1), were 1.0 and 0.95");
        assertThatThrownBy(() -> new AdamW(0.9, 0.95, 0, ParameterGroups.UNIFORM))
                .hasMessage("epsilon must be above 0, was 0.0");
    }

    private static void compare(Role role, double rateFactor, double decayFactor, boolean compiled) {
        try (TestGraph graph = new TestGraph()) {
            var tf = graph.tf();
            var params = Parameters.create(tf, TFloat32.class, 0);
            params.declareFloat32("p", role, Shape.of(1), Initializer.ONES);
            var parameter = params.list().get(0);
            var count = tf.placeholder(TFloat64.class);
            Operand<TFloat32> gradient = tf.math.mul(tf.constant((float) GRADIENT), parameter.value());
            var rates = new AdamW.Rates(tf.constant(RATE), tf.constant(DECAY), count);
            var update = new AdamW(0.9, 0.95, 1e-8, new ParameterGroups(0.2, 0.1, 0))
                    .update(tf, params.list(), List.of(gradient), rates, compiled ? tf.constant(true) : null);
            var variables = new ArrayList<Variable>(update.moments());
            variables.add(parameter.variable());
            graph.session()
                    .runner()
                    .addTarget(VariableFile.create(tf, variables).initialize())
                    .run()
                    .close();
            double p = 1;
            double m = 0;
            double v = 0;
            for (int t = 1; t <= 3; t++) {
                double g = GRADIENT * p;
                m = 0.9 * m + 0.1 * g;
                v = 0.95 * v + 0.05 * g * g;
                double rate = RATE * rateFactor;
                p *= 1 - rate * DECAY * decayFactor;
                p -= rate / (1 - Math.pow(0.9, t)) * m / (Math.sqrt(v) / Math.sqrt(1 - Math.pow(0.95, t)) + 1e-8);
                try (var number = TFloat64.scalarOf(t)) {
                    var runner = graph.session().runner().feed(count, number);
                    update.updates().forEach(runner::addTarget);
                    runner.run().close();
                }
                assertThat(graph.scalar(tf.readVariableOp(parameter.handle(), TFloat32.class)))
                        .as(role + " after " + t)
                        .isCloseTo((float) p, within(2e-6f));
            }
        }
    }
}

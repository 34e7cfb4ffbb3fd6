package org.capi.graph.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.capi.graph.TestGraph;
import org.capi.graph.Workers;
import org.capi.graph.pretrain.StepConfig.CollapseWindow;
import org.junit.jupiter.api.Test;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;

class CollapseTest {

    private static final int POSITIONS = 5;
    private static final int PROTOTYPES = 8;

    @Test
    void uniformUseIsOneAndSaysNothingOfPositions() {
        double[] found = measure(1, (position, prototype, step) -> 2).get(0);
        assertThat(found[0]).isCloseTo(1, within(1e-6));
        assertThat(found[1]).isCloseTo(0, within(1e-6));
    }

    @Test
    void aSinglePrototypeIsUsedByOneInAll() {
        double[] found = measure(1, (position, prototype, step) -> prototype == 3 ? 7 : 0)
                .get(0);
        assertThat(found[0]).isCloseTo(1.0 / PROTOTYPES, within(1e-6));
        assertThat(found[1]).isCloseTo(0, within(1e-6));
    }

    @Test
    void prototypesThatNamePositionsAreACompleteCollapse() {
        double[] found = measure(1, (position, prototype, step) -> prototype == position ? 4 : 0)
                .get(0);
        assertThat(found[0]).isCloseTo((double) POSITIONS / PROTOTYPES, within(1e-6));
        assertThat(found[1]).isCloseTo(1, within(1e-6));
    }

    @Test
    void prototypesOfUnequalSizeThatDoNotDependOnPositionsAreNone() {
        double[] found = measure(1, (position, prototype, step) -> (position + 1) * (prototype + 1) * 0.37)
                .get(0);
        assertThat(found[0]).isBetween(0.5, 0.99);
        assertThat(found[1]).isCloseTo(0, within(1e-6));
    }

    @Test
    void bothAreThoseOfTheWeightedSumOfTheStepsSoFar() {
        var random = new Random(4);
        double[][][] counts = new double[6][POSITIONS][PROTOTYPES];
        for (double[][] step : counts) {
            for (double[] row : step) {
                for (int k = 0; k < PROTOTYPES; k++) {
                    row[k] = random.nextInt(3) == 0 ? 0 : random.nextDouble();
                }
            }
        }
        var found = measure(counts.length, (position, prototype, step) -> counts[step][position][prototype]);
        double decay = new CollapseWindow(4).decay();
        assertThat(decay).isCloseTo(0.6, within(1e-12));
        double[][] joint = new double[POSITIONS][PROTOTYPES];
        for (int step = 0; step < counts.length; step++) {
            for (int p = 0; p < POSITIONS; p++) {
                for (int k = 0; k < PROTOTYPES; k++) {
                    joint[p][k] = decay * joint[p][k] + counts[step][p][k];
                }
            }
            assertThat(found.get(step)).containsExactly(expected(joint), within(1e-6));
        }
    }

    @Test
    void theSharesAreThoseOfTheKeptDistribution() {
        try (TestGraph graph = new TestGraph()) {
            var tf = graph.tf();
            var counts = tf.constant(new float[][] {{1, 2}, {3, 2}});
            var collapse = Collapse.create(tf, counts, new CollapseWindow(1), Workers.ALONE, tf.constant(true), false);
            graph.session()
                    .runner()
                    .addTarget(tf.assignVariableOp(collapse.joint().handle(), tf.constant(new float[2][2])))
                    .run()
                    .close();
            assertThat(graph.value(collapse.shares())).containsExactly(0, 0);
            graph.session().runner().addTarget(collapse.update()).run().close();
            assertThat(graph.value(collapse.shares())).containsExactly(0.5f, 0.5f);
        }
    }

    @Test
    void aStepThatDoesNotCountLeavesTheDistributionAsItWas() {
        try (TestGraph graph = new TestGraph()) {
            var tf = graph.tf();
            var counts = tf.constant(new float[][] {{1, 2}, {3, Float.NaN}});
            var collapse = Collapse.create(tf, counts, new CollapseWindow(4), Workers.ALONE, tf.constant(false), false);
            var joint = tf.readVariableOp(collapse.joint().handle(), TFloat32.class);
            graph.session()
                    .runner()
                    .addTarget(tf.assignVariableOp(collapse.joint().handle(), tf.constant(new float[2][2])))
                    .run()
                    .close();
            graph.session().runner().addTarget(collapse.update()).run().close();
            assertThat(graph.value(joint)).containsOnly(0);
        }
    }

    @Test
    void theBiasOfTheMutualInformationIsThatOfRandomAssignments() {
        var window = new CollapseWindow(4);
        int images = 40;
        var random = new Random(8);
        double mean = 0;
        int trials = 60;
        for (int trial = 0; trial < trials; trial++) {
            double[][] joint = new double[POSITIONS][PROTOTYPES];
            for (int i = 0; i < 4 * images; i++) {
                for (double[] row : joint) {
                    row[random.nextInt(PROTOTYPES)]++;
                }
            }
            mean += expected(joint)[1] / trials;
        }
        assertThat(window.bias(POSITIONS, PROTOTYPES, images)).isCloseTo(mean, within(0.1 * mean));
    }

    @Test
    void aWindowOfNoStepsIsRefused() {
        assertThatThrownBy(() -> new CollapseWindow(0)).hasMessage("collapse_window must be at least 1 step, was 0");
    }

    /** Use and mutual information by double loops. */
    private static double[] expected(double[][] joint) {
        double total = 0;
        double[] ofPosition = new double[POSITIONS];
        double[] ofPrototype = new double[PROTOTYPES];
        for (int p = 0; p < POSITIONS; p++) {
            for (int k = 0; k < PROTOTYPES; k++) {
                total += joint[p][k];
                ofPosition[p] += joint[p][k];
                ofPrototype[k] += joint[p][k];
            }
        }
        double information = 0;
        double entropy = 0;
        for (int k = 0; k < PROTOTYPES; k++) {
            entropy -= ofPrototype[k] == 0 ? 0 : ofPrototype[k] / total * Math.log(ofPrototype[k] / total);
            for (int p = 0; p < POSITIONS; p++) {
                if (joint[p][k] > 0) {
                    double ratio = joint[p][k] * total / (ofPosition[p] * ofPrototype[k]);
                    information += joint[p][k] / total * Math.log(ratio);
                }
            }
        }
        return new double[] {Math.exp(entropy) / PROTOTYPES, information / Math.log(POSITIONS)};
    }

    @FunctionalInterface
    private interface Counts {
        double at(int position, int prototype, int step);
    }

    private static List<double[]> measure(int steps, Counts counts) {
        try (TestGraph graph = new TestGraph()) {
            var tf = graph.tf();
            var fed = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(POSITIONS, PROTOTYPES)));
            var finite = tf.constant(true);
            var collapse = Collapse.create(tf, fed, new CollapseWindow(4), Workers.ALONE, finite, false);
            var both = tf.stack(List.of(collapse.prototypeUse(), collapse.positional()));
            var zeros = tf.zeros(tf.constant(Shape.of(POSITIONS, PROTOTYPES)), TFloat32.class);
            graph.session()
                    .runner()
                    .addTarget(tf.assignVariableOp(collapse.joint().handle(), zeros))
                    .run()
                    .close();
            var found = new ArrayList<double[]>();
            for (int step = 0; step < steps; step++) {
                float[] values = new float[POSITIONS * PROTOTYPES];
                for (int i = 0; i < values.length; i++) {
                    values[i] = (float) counts.at(i / PROTOTYPES, i % PROTOTYPES, step);
                }
                try (var tensor = TFloat32.tensorOf(Shape.of(POSITIONS, PROTOTYPES), DataBuffers.of(values));
                        var result = graph.session()
                                .runner()
                                .feed(fed, tensor)
                                .addTarget(collapse.update())
                                .fetch(both)
                                .run()) {
                    var pair = (TFloat64) result.get(0);
                    found.add(new double[] {pair.getDouble(0), pair.getDouble(1)});
                }
            }
            return found;
        }
    }
}

package org.capi.graph.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.capi.golden.GoldenAssertions.assertGolden;
import static org.capi.golden.GoldenAssertions.assertWithin;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.capi.golden.Golden;
import org.capi.graph.Parameter;
import org.capi.graph.pretrain.ExecutionPlan.Recompute;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.tensorflow.Operand;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat32;

/** The reference's own training run, step by step. */
class GoldenTrainTest {

    private static final double BFLOAT16_SHARE = 0.02;

    @Test
    void theFirstStepsTargetsAndGradientsAreTheReferences() {
        try (var training = new GoldenTraining<>(TFloat32.class, ExecutionPlan.PLAIN, 1)) {
            var step = training.step();
            Map<String, Operand<TFloat32>> wanted = new LinkedHashMap<>();
            wanted.put("step0_targets", step.losses().targets());
            addGradients(training, wanted, step.losses().student(), step.student());
            addGradients(training, wanted, step.losses().clustering(), step.prototypes());
            training.load();
            float[][] values = training.run(0, wanted.values());
            int i = 0;
            for (String name : wanted.keySet()) {
                if (training.golden().has(name)) {
                    assertGolden(training.golden(), name, values[i]);
                }
                i++;
            }
        }
    }

    @Test
    void everyLossAndTheFinalWeightsAreTheReferences() {
        for (int streams : new int[] {1, 2, 3}) {
            try (var training = new GoldenTraining<>(TFloat32.class, ExecutionPlan.PLAIN, streams)) {
                assertTrajectory(training);
            }
        }
    }

    @Test
    @Tag("slow")
    void microBatchesAndRecomputationLeaveTheTrajectoryAsItIs() {
        assumeThat(hyper().get("drop_path").asDouble())
                .as("micro-batches draw their own dropped branches")
                .isZero();
        int images = hyper().get("batch").asInt();
        assumeThat(images % 2).as("an odd batch has no halves").isZero();
        for (var plan : List.of(
                new ExecutionPlan(2, Recompute.OFF),
                new ExecutionPlan(images, Recompute.OFF),
                new ExecutionPlan(1, Recompute.GELU),
                new ExecutionPlan(1, Recompute.BLOCKS),
                new ExecutionPlan(2, Recompute.BLOCKS))) {
            try (var training = new GoldenTraining<>(TFloat32.class, plan, 1)) {
                assertTrajectory(training);
            }
        }
    }

    @Test
    @Tag("slow")
    void theTrajectoryOfTheCompiledFunctionIsTheReferences() {
        for (var plan : List.of(
                ExecutionPlan.PLAIN, new ExecutionPlan(1, Recompute.GELU), new ExecutionPlan(2, Recompute.BLOCKS))) {
            try (var training = new GoldenTraining<>(TFloat32.class, plan)) {
                assertTrajectory(training);
            }
        }
    }

    @Test
    @Tag("slow")
    void theTrajectoryInCompiledClustersIsTheReferences() {
        for (var plan : List.of(ExecutionPlan.PLAIN, new ExecutionPlan(2, Recompute.BLOCKS))) {
            try (var training = GoldenTraining.inClusters(TFloat32.class, plan)) {
                assertTrajectory(training);
            }
        }
    }

    @Test
    void bfloat16LossesStayWithinTwoPercentOfFloat32s() {
        try (var training = new GoldenTraining<>(TBfloat16.class, ExecutionPlan.PLAIN, 1)) {
            assertBfloat16Losses(training);
        }
    }

    @Test
    @Tag("slow")
    void bfloat16LossesOfTheCompiledFunctionStayWithinTwoPercentOfFloat32s() {
        try (var training = new GoldenTraining<>(TBfloat16.class, ExecutionPlan.PLAIN)) {
            assertBfloat16Losses(training);
        }
    }

    private static void assertBfloat16Losses(GoldenTraining<?> training) {
        training.load();
        for (int i = 0; i < training.steps(); i++) {
            StepStatistics metrics = training.train(i);
            assertThat(metrics.updated()).isTrue();
            assertShare(training, "trace/capi_loss", i, metrics.studentLoss());
            assertShare(training, "trace/clustering_loss", i, metrics.clusteringLoss());
        }
    }

    private static JsonNode hyper() {
        return Golden.fixture("train").hyper();
    }

    static void assertTrajectory(GoldenTraining<?> training) {
        Golden golden = training.golden();
        var variables = training.variables();
        List<String> names = List.copyOf(variables.keySet());
        training.load();
        for (int i = 0; i < training.steps(); i++) {
            assertRates(training, i);
            StepStatistics metrics = training.train(i);
            assertThat(metrics.updated()).isTrue();
            assertLoss(training, "trace/capi_loss", i, metrics.studentLoss());
            assertLoss(training, "trace/clustering_loss", i, metrics.clusteringLoss());
            assertLoss(training, "trace/target_entropy", i, metrics.targetEntropy());
            if (golden.has("after" + (i + 1) + "/" + names.get(0))) {
                assertWeights(golden, "after" + (i + 1) + "/", names, training.run(i, variables.values()));
            }
        }
    }

    private static void assertShare(GoldenTraining<?> training, String name, int i, double actual) {
        double expected = trace(training, name, i);
        assertThat(actual).as(name + " at step " + i).isCloseTo(expected, within(BFLOAT16_SHARE * Math.abs(expected)));
    }

    private static void assertWeights(Golden golden, String prefix, List<String> names, float[][] values) {
        int compared = 0;
        for (int i = 0; i < names.size(); i++) {
            String name = prefix + names.get(i);
            if (golden.has(name)) {
                double tolerance = 5 * golden.number(name, "f32_perturbed_1e-7_max_abs_diff")
                        + 0.01 * golden.number(name, "max_abs_change_from_init")
                        + 1e-7 * golden.number(name, "max_abs");
                assertWithin(golden.array(name).doubles(), values[i], tolerance, name);
                compared++;
            }
        }
        assertThat(compared)
                .as("arrays compared under " + prefix)
                .isEqualTo(golden.names(prefix).stream()
                        .filter(n -> golden.array(prefix + n).size() > 0)
                        .count());
    }

    private static void assertLoss(GoldenTraining<?> training, String name, int i, double actual) {
        // Losses of such runs are reproducible to about 3e-6 absolute.
        double tolerance = training.golden().tolerance(name) + 3e-6;
        assertThat(actual).as(name + " at step " + i).isCloseTo(trace(training, name, i), within(tolerance));
    }

    private static void assertRates(GoldenTraining<?> training, int i) {
        double[] rates = training.rates(i);
        assertThat(rates[0]).isCloseTo(trace(training, "trace/lr", i), within(1e-12));
        assertThat(rates[1]).isCloseTo(trace(training, "trace/clr", i), within(1e-12));
        assertThat(rates[2]).isCloseTo(trace(training, "trace/mom", i), within(1e-12));
    }

    private static double trace(GoldenTraining<?> training, String name, int i) {
        return training.golden().array(name).doubles()[i];
    }

    private static void addGradients(
            GoldenTraining<?> training,
            Map<String, Operand<TFloat32>> wanted,
            Operand<?> loss,
            List<Parameter> parameters) {
        var gradients = training.graph()
                .tf()
                .gradients(loss, parameters.stream().map(Parameter::value).toList());
        for (int i = 0; i < parameters.size(); i++) {
            wanted.put("step0_grads/" + parameters.get(i).name(), gradients.dy(i));
        }
    }
}

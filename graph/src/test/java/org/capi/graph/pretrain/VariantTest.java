package org.capi.graph.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;
import static org.capi.golden.GoldenAssertions.assertWithin;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.capi.graph.pretrain.ExecutionPlan.Recompute;
import org.capi.graph.pretrain.StepConfig.ObjectiveConfig;
import org.capi.graph.pretrain.StepConfig.PretrainObjective;
import org.capi.graph.pretrain.StepConfig.StudentHead;
import org.capi.graph.pretrain.StepConfig.TargetSource;
import org.capi.graph.vit.PlainMath;
import org.capi.graph.vit.Predictor;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat32;

/** Every way to pretrain, on images of 2 x 3 patches. */
class VariantTest {

    static final List<Variant> ALL = Variant.ALL;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @FieldSource("ALL")
    void everyDeclaredParameterGetsAGradientAndNoOtherExists(Variant variant) {
        try (TinyStep<TFloat32> step = new TinyStep<>(TFloat32.class, variant, 0.4, ExecutionPlan.PLAIN)) {
            assertThat(step.names()).containsExactlyInAnyOrderElementsOf(expected(variant));
            float[][] before = step.variables();
            StepStatistics metrics = step.run(1, 1);
            assertThat(metrics.updated()).isTrue();
            float[][] after = step.variables();
            for (int i = 0; i < before.length; i++) {
                boolean still =
                        step.name(i).endsWith("rope.freqs") || step.name(i).startsWith("frozen.");
                if (still) {
                    assertThat(after[i]).as(step.name(i)).isEqualTo(before[i]);
                } else { // a moment of the optimizer moves by the gradient alone
                    assertThat(after[i]).as(step.name(i)).isNotEqualTo(before[i]);
                }
            }
            assertMeasures(variant, metrics);
            double first = metrics.studentLoss();
            for (int i = 2; i < 20; i++) {
                metrics = step.run(i, 1);
                assertThat(metrics.updated()).isTrue();
            }
            assertThat(metrics.studentLoss()).isFinite().isNotEqualTo(first);
        }
    }

    @ParameterizedTest
    @FieldSource("ALL")
    @Tag("slow")
    void microBatchesAndRecomputationMakeTheSameStep(Variant variant) {
        try (TinyStep<TFloat32> whole = new TinyStep<>(TFloat32.class, variant, 0, ExecutionPlan.PLAIN);
                TinyStep<TFloat32> parts =
                        new TinyStep<>(TFloat32.class, variant, 0, new ExecutionPlan(2, Recompute.BLOCKS))) {
            StepStatistics expected = whole.run(0, 1);
            StepStatistics actual = parts.run(0, 1);
            assertThat(actual.studentLoss()).isCloseTo(expected.studentLoss(), within(1e-5));
            assertThat(actual.gradientNorm()).isCloseTo(expected.gradientNorm(), withinPercentage(1e-2));
            float[][] weights = whole.variables();
            float[][] same = parts.variables();
            for (int i = 0; i < weights.length; i++) {
                if (whole.name(i).startsWith("adam.m.")) { // the gradient, up to a factor
                    double[] wanted = PlainMath.widened(weights[i]);
                    double most = Arrays.stream(wanted).map(Math::abs).max().orElseThrow();
                    // Where nothing is differentiated, a CPU's product has the GELU in it, whose last digit is another.
                    assertWithin(wanted, same[i], 3e-5 * Math.max(most, 0.1), whole.name(i));
                }
            }
        }
    }

    @ParameterizedTest
    @FieldSource("ALL")
    @Tag("slow")
    void bfloat16GivesTheLossOfFloat32ToItsPrecisionAndNoParameterWithoutAGradient(Variant variant) {
        try (TinyStep<TFloat32> wide = new TinyStep<>(TFloat32.class, variant, 0, ExecutionPlan.PLAIN);
                TinyStep<TBfloat16> narrow =
                        new TinyStep<>(TBfloat16.class, variant, 0, new ExecutionPlan(2, Recompute.BLOCKS))) {
            StepStatistics expected = wide.run(0, 1);
            float[][] before = narrow.variables();
            StepStatistics actual = narrow.run(0, 1);
            assertThat(actual.updated()).isTrue();
            assertThat(actual.studentLoss()).isCloseTo(expected.studentLoss(), within(0.05));
            float[][] after = narrow.variables();
            for (int i = 0; i < before.length; i++) {
                if (narrow.name(i).startsWith("adam.m.")) {
                    assertThat(after[i]).as(narrow.name(i)).isNotEqualTo(before[i]);
                }
            }
        }
    }

    @ParameterizedTest
    @FieldSource("ALL")
    @Tag("slow")
    void aRestoredStepContinuesBitExact(Variant variant) {
        Path prefix = folder.resolve("model");
        float[][] straight;
        try (TinyStep<TFloat32> step = new TinyStep<>(TFloat32.class, variant, 0.4, ExecutionPlan.PLAIN)) {
            step.run(0, 1);
            step.run(1, 1);
            step.file(step.graph().files().save(), prefix);
            step.run(2, 1);
            straight = step.variables();
        }
        try (TinyStep<TFloat32> step = new TinyStep<>(TFloat32.class, variant, 0.4, ExecutionPlan.PLAIN)) {
            step.file(step.graph().files().restore(), prefix);
            step.run(2, 1);
            assertThat(step.variables()).isEqualTo(straight);
        }
    }

    @Test
    void aFrozenTeacherIsNoCopyOfTheStudent() {
        var variant = Variant.ALL.stream()
                .filter(v -> v.source() == TargetSource.FROZEN)
                .findFirst()
                .orElseThrow();
        try (TinyStep<TFloat32> step = new TinyStep<>(TFloat32.class, variant, 0, ExecutionPlan.PLAIN)) {
            float[][] values = step.variables();
            int student = step.names().indexOf("student.backbone.patch_embed.weight");
            int frozen = step.names().indexOf("frozen.backbone.patch_embed.weight");
            assertThat(values[frozen]).isNotEqualTo(values[student]);
            assertThat(step.graph().frozen()).hasSize(Variant.encoder().size());
        }
    }

    @Test
    void aStepThatIsNotFiniteChangesNothingWhereNothingIsClustered() {
        var variant = Variant.ALL.stream()
                .filter(v -> v.source() == TargetSource.PIXELS)
                .findFirst()
                .orElseThrow();
        try (TinyStep<TFloat32> step = new TinyStep<>(TFloat32.class, variant, 0, ExecutionPlan.PLAIN)) {
            float[][] before = step.variables();
            assertThat(step.run(0, Float.NaN).updated()).isFalse();
            assertThat(step.variables()).isEqualTo(before);
        }
    }

    @Test
    void whatMakesNoSenseTogetherIsRefused() {
        assertThatThrownBy(
                        () -> new ObjectiveConfig(PretrainObjective.CLUSTERING, StudentHead.IDENTITY, TargetSource.EMA))
                .hasMessage(
                        "student_head must be linear or mlp when objective is clustering, whose prototypes a head scores,"
                                + " was identity");
        assertThatThrownBy(() -> new ObjectiveConfig(PretrainObjective.DIRECT, StudentHead.MLP, TargetSource.EMA))
                .hasMessageStartingWith("student_head must be identity or linear when objective is direct, ");
        assertThatThrownBy(() ->
                        new ObjectiveConfig(PretrainObjective.CLUSTERING, StudentHead.LINEAR, TargetSource.PIXELS))
                .hasMessageStartingWith("targets must be ema or frozen when objective is clustering: ");
        assertThatThrownBy(() -> new ObjectiveConfig(PretrainObjective.IBOT, StudentHead.MLP, TargetSource.FROZEN))
                .hasMessageStartingWith("targets must be ema when objective is ibot, ");
    }

    @Test
    void aPredictorOfAnotherWidthThanTheTargetsIsRefusedWhereNothingIsBetween() {
        assertRefused(
                PretrainObjective.DIRECT,
                StudentHead.IDENTITY,
                "student_head is identity, which compares it with the target");
        assertRefused(
                PretrainObjective.IBOT,
                StudentHead.MLP,
                "objective is ibot, whose one head reads predictor and encoder");
    }

    private static void assertRefused(PretrainObjective objective, StudentHead head, String why) {
        var variant = new Variant(
                Predictor.Kind.CROSS_ATTENTION, 24, objective, head, TargetSource.EMA, Variant.DEFAULT.samples());
        assertThatThrownBy(() -> new TinyStep<>(TFloat32.class, variant, 0, ExecutionPlan.PLAIN))
                .hasMessage("predictor_dim must be dim, 16, when " + why + ", was 24");
    }

    private static List<String> expected(Variant variant) {
        List<String> names = new ArrayList<>();
        for (String name : variant.student()) {
            names.add("student." + name);
            names.add("student_ema." + name);
            if (!name.endsWith("rope.freqs")) {
                names.add("adam.m.student." + name);
                names.add("adam.v.student." + name);
            }
        }
        if (variant.goal() == PretrainObjective.CLUSTERING) {
            for (String name : List.of("teacher.head.layer.weight", "teacher.head.layer.bias")) {
                names.addAll(List.of(name, "adam.m." + name, "adam.v." + name));
            }
        }
        if (variant.goal() != PretrainObjective.DIRECT) {
            names.add("collapse.joint");
        }
        if (variant.source() == TargetSource.FROZEN) {
            Variant.encoder().forEach(name -> names.add("frozen." + name));
        }
        return names;
    }

    private static void assertMeasures(Variant variant, StepStatistics metrics) {
        boolean clusters = variant.goal() == PretrainObjective.CLUSTERING;
        boolean assigns = variant.goal() != PretrainObjective.DIRECT;
        assertThat(Double.isNaN(metrics.clusteringLoss())).isEqualTo(!clusters);
        assertThat(Double.isNaN(metrics.clusteringGradientNorm())).isEqualTo(!clusters);
        assertThat(Double.isNaN(metrics.targetEntropy())).isEqualTo(!assigns);
        assertThat(Double.isNaN(metrics.prototypeUse())).isEqualTo(!assigns);
        assertThat(Double.isNaN(metrics.positionalCollapse())).isEqualTo(!assigns);
        assertThat(metrics.gradientNorm()).isPositive();
    }
}

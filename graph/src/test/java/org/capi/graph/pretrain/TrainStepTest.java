package org.capi.graph.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;
import static org.capi.golden.GoldenAssertions.assertWithin;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.capi.graph.pretrain.ExecutionPlan.Recompute;
import org.capi.graph.vit.PositionEmbedding;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat32;

/** A tiny step on images of 2 x 3 patches. */
class TrainStepTest {

    @TempDir
    private Path folder;

    @Test
    void everyTrainableParameterGetsAGradientAndChanges() {
        try (TinyStep<TFloat32> step = new TinyStep<>(TFloat32.class, 0.4, 4)) {
            float[][] before = step.variables();
            StepStatistics metrics = step.run(1, 1);
            assertThat(metrics.updated()).isTrue();
            assertThat(metrics.gradientNorm()).isPositive();
            float[][] after = step.variables();
            for (int i = 0; i < before.length; i++) {
                if (step.name(i).endsWith("rope.freqs")) {
                    assertThat(after[i]).as(step.name(i)).isEqualTo(before[i]);
                } else {
                    assertThat(after[i]).as(step.name(i)).isNotEqualTo(before[i]);
                }
            }
        }
    }

    @Test
    void aStepThatIsNotFiniteChangesNothing() {
        try (TinyStep<TFloat32> step = new TinyStep<>(TFloat32.class, 0, 4)) {
            step.run(0, 1);
            float[][] before = step.variables();
            StepStatistics metrics = step.run(1, Float.NaN);
            assertThat(metrics.updated()).isFalse();
            assertThat(metrics.updateRatio()).isZero();
            assertThat(step.variables()).isEqualTo(before);
            assertThat(step.run(2, 1).updated()).isTrue();
            assertThat(step.variables()).isNotEqualTo(before);
        }
    }

    @Test
    void aRestoredStepContinuesBitExact() {
        Path prefix = folder.resolve("model");
        float[][] straight;
        try (TinyStep<TFloat32> step = new TinyStep<>(TFloat32.class, 0.4, 4)) {
            step.run(0, 1);
            step.run(1, 1);
            step.file(step.graph().files().save(), prefix);
            step.run(2, 1);
            straight = step.variables();
        }
        try (TinyStep<TFloat32> step = new TinyStep<>(TFloat32.class, 0.4, 4)) {
            step.file(step.graph().files().restore(), prefix);
            step.run(2, 1);
            assertThat(step.variables()).isEqualTo(straight);
        }
    }

    @Test
    void bfloat16LossesAreThoseOfFloat32ToItsPrecision() {
        try (TinyStep<TFloat32> wide = new TinyStep<>(TFloat32.class, 0, 4);
                TinyStep<TBfloat16> narrow = new TinyStep<>(TBfloat16.class, 0, 4)) {
            StepStatistics expected = wide.run(0, 1);
            StepStatistics actual = narrow.run(0, 1);
            assertThat(actual.studentLoss()).isCloseTo(expected.studentLoss(), within(0.02));
            assertThat(actual.clusteringLoss()).isCloseTo(expected.clusteringLoss(), within(0.1));
        }
    }

    @Test
    void aModelWithoutRegistersTrains() {
        try (TinyStep<TFloat32> step = new TinyStep<>(TFloat32.class, 0, 0)) {
            assertThat(step.names()).noneMatch(name -> name.endsWith("registers"));
            assertThat(step.run(0, 1).updated()).isTrue();
        }
    }

    @Test
    void theTeacherStartsAsTheStudent() {
        try (TinyStep<TFloat32> step = new TinyStep<>(TFloat32.class, 0, 4)) {
            float[][] values = step.variables();
            for (int i = 0; i < values.length; i++) {
                int ema = step.names().indexOf(step.name(i).replace("student.", "student_ema."));
                if (ema >= 0) {
                    assertThat(values[ema]).isEqualTo(values[i]);
                }
            }
        }
    }

    @Test
    void microBatchesMakeTheSameStepAsTheWholeBatch() {
        try (TinyStep<TFloat32> whole = new TinyStep<>(TFloat32.class, 0, ExecutionPlan.PLAIN)) {
            StepStatistics expected = whole.run(0, 1);
            float[][] weights = whole.variables();
            for (int parts : new int[] {2, 4}) {
                var plan = new ExecutionPlan(parts, Recompute.OFF);
                try (TinyStep<TFloat32> step = new TinyStep<>(TFloat32.class, 0, plan)) {
                    assertSame(step.run(0, 1), expected);
                    assertSameVariables(step, weights);
                }
            }
        }
    }

    @Test
    @Tag("slow")
    void recomputationMakesTheSameStepWithTheSameDrops() {
        for (int parts : new int[] {1, 4}) {
            var kept = new ExecutionPlan(parts, Recompute.OFF);
            for (var recompute : List.of(Recompute.GELU, Recompute.BLOCKS)) {
                var recomputed = new ExecutionPlan(parts, recompute);
                try (TinyStep<TFloat32> expected = new TinyStep<>(TFloat32.class, 0.4, kept);
                        TinyStep<TFloat32> actual = new TinyStep<>(TFloat32.class, 0.4, recomputed)) {
                    assertSame(actual.run(3, 1), expected.run(3, 1));
                    assertSameVariables(actual, expected.variables());
                }
            }
        }
    }

    @Test
    void recomputationInBfloat16GivesTheSameLossAndNearlyTheSameGradient() {
        try (TinyStep<TBfloat16> expected = new TinyStep<>(TBfloat16.class, 0.4, new ExecutionPlan(2, Recompute.OFF));
                TinyStep<TBfloat16> actual =
                        new TinyStep<>(TBfloat16.class, 0.4, new ExecutionPlan(2, Recompute.BLOCKS))) {
            StepStatistics kept = expected.run(3, 1);
            StepStatistics recomputed = actual.run(3, 1);
            assertThat(recomputed.studentLoss()).isEqualTo(kept.studentLoss());
            assertThat(recomputed.gradientNorm()).isCloseTo(kept.gradientNorm(), withinPercentage(0.5));
        }
    }

    @Test
    void learnablePositionsAreTrainedInEncoderAndPredictorAndAddNoTableOfAngles() {
        try (TinyStep<TFloat32> step =
                new TinyStep<>(TFloat32.class, ExecutionPlan.PLAIN, new PositionEmbedding.Kind.Learnable(2, 3))) {
            assertThat(step.names())
                    .contains("student.backbone.encoder.pos_embed", "student_ema.backbone.decoder.pos_embed")
                    .noneMatch(name -> name.endsWith("rope.freqs"));
            float[][] before = step.variables();
            step.run(1, 1);
            float[][] after = step.variables();
            for (int i = 0; i < before.length; i++) {
                assertThat(after[i]).as(step.name(i)).isNotEqualTo(before[i]);
            }
        }
    }

    @Test
    void recomputationMakesTheSameStepWithLearnablePositions() {
        var positions = new PositionEmbedding.Kind.Learnable(2, 3);
        var recomputed = new ExecutionPlan(1, Recompute.BLOCKS);
        try (TinyStep<TFloat32> expected = new TinyStep<>(TFloat32.class, ExecutionPlan.PLAIN, positions);
                TinyStep<TFloat32> actual = new TinyStep<>(TFloat32.class, recomputed, positions)) {
            assertSame(actual.run(0, 1), expected.run(0, 1));
            assertSameVariables(actual, expected.variables());
        }
    }

    @Test
    void theUpdateRatioIsTheLengthOfTheChangeOverThatOfTheWeights() {
        try (TinyStep<TFloat32> step = new TinyStep<>(TFloat32.class, 0.4, 4)) {
            float[][] before = step.variables();
            StepStatistics metrics = step.run(1, 1);
            float[][] after = step.variables();
            double change = 0;
            double length = 0;
            for (int i = 0; i < before.length; i++) {
                boolean counts =
                        step.name(i).startsWith("student.") && !step.name(i).endsWith("rope.freqs");
                for (int k = 0; counts && k < before[i].length; k++) {
                    change += Math.pow((double) after[i][k] - before[i][k], 2);
                    length += Math.pow(before[i][k], 2);
                }
            }
            assertThat(metrics.updateRatio()).isCloseTo(Math.sqrt(change / length), withinPercentage(1e-2));
        }
    }

    @Test
    void microBatchesDropDifferentBranches() {
        var halves = new ExecutionPlan(2, Recompute.OFF);
        try (TinyStep<TFloat32> one = new TinyStep<>(TFloat32.class, 0.4, ExecutionPlan.PLAIN);
                TinyStep<TFloat32> two = new TinyStep<>(TFloat32.class, 0.4, halves);
                TinyStep<TFloat32> again = new TinyStep<>(TFloat32.class, 0.4, halves)) {
            double loss = two.run(3, 1).studentLoss();
            assertThat(loss).isNotEqualTo(one.run(3, 1).studentLoss());
            assertThat(again.run(3, 1).studentLoss()).isEqualTo(loss);
            assertThat(again.run(4, 1).studentLoss()).isNotEqualTo(loss);
        }
    }

    @Test
    void microBatchesThatDoNotDivideTheBatchAreRefused() {
        assertThatThrownBy(() -> new TinyStep<>(TFloat32.class, 0, new ExecutionPlan(3, Recompute.OFF)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("micro_batches must divide the batch of 8 images, was 3");
    }

    /** Losses, gradients as AdamW's first moments hold them, and weights. */
    static void assertSame(StepStatistics actual, StepStatistics expected) {
        assertThat(actual.studentLoss()).isCloseTo(expected.studentLoss(), within(1e-5));
        assertThat(actual.clusteringLoss()).isCloseTo(expected.clusteringLoss(), within(1e-5));
        assertThat(actual.targetEntropy()).isCloseTo(expected.targetEntropy(), within(1e-5));
        assertThat(actual.gradientNorm()).isCloseTo(expected.gradientNorm(), withinPercentage(1e-3));
    }

    static void assertSameVariables(TinyStep<?> step, float[][] expected) {
        float[][] actual = step.variables();
        for (int i = 0; i < expected.length; i++) {
            String name = step.name(i);
            if (name.startsWith("adam.")) {
                assertWithin(doubles(expected[i]), actual[i], 1e-5 * largest(expected[i]), name);
                continue;
            }
            int m = step.names().indexOf("adam.m." + name.replace("student_ema.", "student."));
            for (int k = 0; k < expected[i].length; k++) {
                // AdamW's first step is the sign of the gradient, and where that is nothing but rounding so is the
                // sign.
                if (m < 0 || Math.abs(expected[m][k]) > 1e-4 * largest(expected[m])) {
                    assertThat((double) actual[i][k]).as(name).isCloseTo(expected[i][k], within(1e-5));
                }
            }
        }
    }

    private static double[] doubles(float[] values) {
        double[] wide = new double[values.length];
        Arrays.setAll(wide, i -> values[i]);
        return wide;
    }

    private static double largest(float[] values) {
        return Arrays.stream(doubles(values)).map(Math::abs).max().orElse(0);
    }
}

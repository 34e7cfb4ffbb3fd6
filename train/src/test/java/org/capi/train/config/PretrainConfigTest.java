package org.capi.train.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import org.apache.commons.text.similarity.LevenshteinDistance;
import org.capi.train.config.PretrainConfig.EvaluatedWeights;
import org.capi.train.config.PretrainConfig.Evaluation;
import org.capi.train.config.PretrainConfig.EvaluationKind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PretrainConfigTest {

    /** What the messages below name, whatever the preset is tuned to. */
    private static final List<String> BASE = List.of(
            "model.dim=192",
            "model.heads=3",
            "model.predictor_dim=192",
            "optim.total_steps=400",
            "optim.warmup_steps=40",
            "checkpoint.every=200");

    /** Each row: overrides of the preset demo, the key that is blamed, and the end of the message. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "model.patch_size=0 | model.patch_size | must be at least 1, was 0",
                "model.heads=5 | model.heads | must divide model.dim, which is 192, was 5",
                "model.heads=96 | model.heads | divisible by 4 (model.dim is 192), was 96",
                "model.registers=6 | model.registers | must be a multiple of 4 with edge coordinates, was 6",
                "model.registers=-4 | model.registers | must be at least 0, was -4",
                "model.predictor_dim=100 | model.predictor_dim | must be a multiple of the width of a head, 64, was 100",
                "model.predictor_depth=0 | model.predictor_depth | must be at least 1, was 0",
                "model.stochastic_depth=1 | model.stochastic_depth | must be at least 0 and less than 1, was 1.0",
                "capi.prototypes=1 | capi.prototypes | must be at least 2, was 1",
                "capi.student_temperature=0 | capi.student_temperature | must be greater than 0, was 0.0",
                "capi.teacher_temperature=-1 | capi.teacher_temperature | must be greater than 0, was -1.0",
                "capi.prediction_temperature=0 | capi.prediction_temperature | must be greater than 0, was 0.0",
                "capi.sinkhorn_iterations=0 | capi.sinkhorn_iterations | must be at least 1, was 0",
                "model.predictor=fused | model.predictor_depth | must be 0 when model.predictor is fused, which is the encoder itself, was 2",
                "capi.student_head=identity | capi.student_head | must be linear or mlp when objective is clustering, whose prototypes a head scores, was identity",
                "capi.objective=direct | capi.sinkhorn | must be standard when capi.objective is direct, which has no assignments to balance at each position, was positionwise",
                "capi.targets=pixels | capi.targets | must be ema or frozen when objective is clustering: pixels are predicted as they are, by the objective direct, was pixels",
                "capi.targets=frozen | capi.teacher | must name a run, a model or a file of weights when capi.targets is frozen, was empty",
                "capi.teacher=runs/old | capi.teacher | must be '' when capi.targets is ema, which has no other teacher, was runs/old",
                "data.mask=uniform | data.roll | must be false when data.mask is uniform, which has no block to roll, was true",
                "optim.total_steps=0 | optim.total_steps | must be at least 1, was 0",
                "optim.batch_size=0 | optim.batch_size | must be at least 1, was 0",
                "optim.micro_batches=0 | optim.micro_batches | must be at least 1, was 0",
                "optim.micro_batches=3 | optim.micro_batches | must divide optim.batch_size, which is 64, was 3",
                "optim.total_steps=30 | optim.warmup_steps | must not exceed optim.total_steps, which is 30, was 40",
                "optim.cosine_truncation=1.5 | optim.cosine_truncation | must be at least 0 and at most 1, was 1.5",
                "optim.learning_rate=0 | optim.learning_rate | must be greater than 0, was 0.0",
                "optim.learning_rate_start=-1 | optim.learning_rate_start | must be at least 0, was -1.0",
                "optim.momentum=1.1 | optim.momentum | must be at least 0 and at most 1, was 1.1",
                "optim.betas=[0.9] | optim.betas | must be a list of two numbers, was [0.9]",
                "optim.betas=[0.9, 1] | optim.betas[1] | must be at least 0 and less than 1, was 1.0",
                "optim.epsilon=0 | optim.epsilon | must be greater than 0, was 0.0",
                "optim.weight_decay=-0.1 | optim.weight_decay | must be at least 0, was -0.1",
                "data.image_size=66 | data.image_size | must be a multiple of model.patch_size, which is 8, was 66",
                "data.image_size=[64,66] | data.image_size | which is 8, was [64, 66]",
                "data.image_size=[64,64,64] | data.image_size | or [height, width], was [64,64,64]",
                "data.crop_scale=[0.8, 0.6] | data.crop_scale | 0 < min <= max <= 1, was [0.8, 0.6]",
                "data.crop_scale=[0, 0.6] | data.crop_scale | 0 < min <= max <= 1, was [0.0, 0.6]",
                "data.min_aspect=2 | data.min_aspect | must be greater than 0 and at most 1, was 2.0",
                "data.mask_ratio=1 | data.mask_ratio | must be greater than 0 and less than 1, was 1.0",
                "data.mask_ratio=0.001 | data.mask_ratio | at least one of the 64 patches, was 0.001",
                "data.prediction_subsampling=0.01 | data.prediction_subsampling | the 41 hidden patches to predict, was 0.01",
                "data.threads=0 | data.threads | must be at least 1, was 0",
                "checkpoint.every=0 | checkpoint.every | must be at least 1, was 0",
                "checkpoint.minutes=-1 | checkpoint.minutes | must be at least 0, was -1.0",
                "checkpoint.max_to_keep=0 | checkpoint.max_to_keep | must be at least 1, was 0",
                "checkpoint.keep_every=150 | checkpoint.keep_every | checkpoint.every, which is 200, was 150",
                "metrics.every=0 | metrics.every | must be at least 1, was 0",
            })
    void aValueAgainstItsRuleIsNamed(String override, String key, String end) {
        assertThatThrownBy(() -> demo(override))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(key + " ")
                .hasMessageEndingWith(end);
    }

    @Test
    void choicesThatDoNotGoTogetherAreRefusedByBothTheirNames() {
        assertRefused(
                "model.predictor_dim must be model.dim, 192, when model.predictor is fused, which is the encoder itself,"
                        + " was 384",
                "model.predictor=fused",
                "model.predictor_depth=0",
                "model.predictor_dim=384");
        assertRefused(
                "capi.student_head must be identity or linear when objective is direct, which has no prototypes to"
                        + " score, was mlp",
                "capi.objective=direct",
                "capi.sinkhorn=standard",
                "capi.student_head=mlp");
        assertRefused(
                "capi.targets must be ema when objective is ibot, whose teacher's head follows the student's as its"
                        + " encoder does, was frozen",
                "capi.objective=ibot",
                "capi.targets=frozen",
                "capi.teacher=runs/old");
        assertRefused(
                "model.predictor_dim must be dim, 192, when objective is ibot, whose one head reads predictor"
                        + " and encoder, was 384",
                "capi.objective=ibot",
                "model.predictor_dim=384");
        assertRefused(
                "model.predictor_dim must be dim, 192, when student_head is identity, which compares it with"
                        + " the target, was 384",
                "capi.objective=direct",
                "capi.sinkhorn=standard",
                "capi.student_head=identity",
                "model.predictor_dim=384");
        demo(
                "capi.objective=direct",
                "capi.sinkhorn=standard",
                "capi.targets=pixels",
                "capi.student_head=identity"); // 3 · 8²
        assertRefused(
                "model.predictor_dim must be the 192 numbers of a patch, when student_head is identity, which"
                        + " compares it with the target, was 384",
                "capi.objective=direct",
                "capi.sinkhorn=standard",
                "capi.targets=pixels",
                "capi.student_head=identity",
                "model.predictor_dim=384");
    }

    private static void assertRefused(String message, String... overrides) {
        assertThatThrownBy(() -> demo(overrides))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @Test
    void aGridThatIsTooFlatForItsBlockIsRefused() {
        assertThatThrownBy(() -> demo("data.image_size=[64, 256]", "data.mask=block", "data.mask_ratio=0.8"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("data.mask_ratio must leave room for a block of 204 patches with an aspect from"
                        + " data.min_aspect on in a grid of 8 x 32, was 0.8");
        assertThat(demo("data.image_size=[64, 256]", "data.mask=uniform", "data.roll=false", "data.mask_ratio=0.8")
                        .patches())
                .isEqualTo(256);
    }

    @Test
    void registersAtTheOriginNeedNoMultipleOfFour() {
        assertThat(demo("model.register_coordinates=zeros", "model.registers=6")
                        .model()
                        .registers())
                .isEqualTo(6);
    }

    @Test
    void listsOfTheConfigurationCannotBeChanged() {
        var evals = demo("seed=1").evals();

        assertThatThrownBy(() -> evals.add(new Evaluation(1, EvaluatedWeights.STUDENT, EvaluationKind.KNN, "a", "b")))
                .isInstanceOf(UnsupportedOperationException.class);
    }

    private static PretrainConfig demo(String... overrides) {
        return ConfigFile.preset("demo")
                .with(BASE)
                .with(Arrays.asList(overrides))
                .resolve();
    }

    @Test
    void theNearestNameIsTheOneWithFewestChangedLetters() {
        assertThat(LevenshteinDistance.getDefaultInstance().apply("kitten", "sitting"))
                .isEqualTo(3);
        assertThat(NearestName.to("dept", List.of("dim", "depth", "heads"))).isEqualTo("depth");
        assertThat(NearestName.to("quite-else", List.of("dim", "depth", "heads")))
                .isNull();
    }
}

package org.capi.eval.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.capi.data.arrow.ImageDataset;
import org.capi.eval.features.Colours;
import org.capi.eval.features.JobProgress;
import org.capi.eval.features.LoadedModel;
import org.capi.eval.features.Representation;
import org.capi.savedmodels.toy.ToyEncoder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProbeEvaluationTest {

    @TempDir
    Path folder;

    @BeforeEach
    void makeModelAndSets() throws IOException {
        ToyEncoder.write(folder.resolve("toy"), 2, "global", "registers", "feature_map");
        Colours.write(folder.resolve("train"), 40, 100);
        Colours.write(folder.resolve("test"), 8, 100);
    }

    @Test
    void coloursAreToldApart() throws IOException {
        ProbeResult result = run(settings(30, 16), JobProgress.none());
        assertThat(result.train()).isEqualTo(36);
        assertThat(result.validation()).isEqualTo(4);
        assertThat(result.grid()).hasSize(8);
        assertThat(result.probes()).hasSize(2).allSatisfy(probe -> {
            assertThat(probe.head()).isEqualTo("linear");
            assertThat(probe.tests()).containsExactly(new ProbeResult.Score("test", 8, 1, 1));
        });
        assertThat(folder.resolve("work")).doesNotExist();
    }

    @Test
    void ofFewHeldOutImagesTheLossChooses() throws IOException {
        ProbeResult result = run(settings(30, 16), JobProgress.none());
        assertThat(result.chosenBy()).isEqualTo("loss");
        for (ProbeResult.Chosen probe : result.probes()) {
            List<ProbeResult.Tried> tried = result.grid().stream()
                    .filter(one -> one.representation().equals(probe.representation()))
                    .toList();
            // By accuracy they are all alike, and the first would be taken, which has learnt the least.
            assertThat(tried).extracting(ProbeResult.Tried::validation).containsOnly(1.0);
            assertThat(probe.validationLoss())
                    .isEqualTo(tried.stream()
                            .mapToDouble(ProbeResult.Tried::validationLoss)
                            .min()
                            .orElseThrow())
                    .isLessThan(tried.get(0).validationLoss());
            assertThat(probe.validationError()).isZero();
        }
        assertThat(result.warnings())
                .contains("only 4 images were held out to choose by, so the loss chose, not the accuracy, whose"
                        + " standard error there is up to 0.0 points");
    }

    @Test
    void aLearningRateAtTheEndOfTheGridIsNamed() {
        var chosen = new ProbeResult.Chosen("global", "linear", 1e-2, 5e-4, 0.3, 0.05, 2.4, List.of());
        var low = new ProbeResult.Tried("global", 1e-3, 5e-4, 0.1, 3);
        var high = new ProbeResult.Tried("global", 1e-2, 5e-4, 0.3, 2.4);
        assertThat(new ProbeResult(22, 5000, 500, "accuracy", 30, List.of(chosen), List.of(low, high)).warnings())
                .containsExactly("the largest learning rate was chosen for global: more steps (30 now) or larger"
                        + " learning_rates may do better");
        assertThat(new ProbeResult(22, 5000, 500, "accuracy", 30, List.of(chosen), List.of(high)).warnings())
                .isEmpty();
    }

    @Test
    void aProbeThatHasLearntNothingIsNamed() {
        var learnt = new ProbeResult.Chosen("global", "linear", 1e-2, 5e-4, 0.3, 0.05, 2.4, List.of());
        var not = new ProbeResult.Chosen("avg_patch", "linear", 1e-5, 5e-4, 0.1, 0.03, 3.09, List.of());
        assertThat(new ProbeResult(22, 792, 500, "accuracy", 30, List.of(learnt, not), List.of()).warnings())
                .containsExactly("the linear probe of avg_patch has learnt nothing that holds on other images: its"
                        + " held-out loss is 3.09, that of guessing 3.09; give it more steps (30 now)");
        assertThat(new ProbeResult(22, 792, 88, "loss", 30, List.of(learnt), List.of()).warnings())
                .containsExactly("only 88 images were held out to choose by, so the loss chose, not the accuracy, whose"
                        + " standard error there is up to 5.0 points");
    }

    @Test
    void aTrainingThatWasStoppedEndsAsOneThatWasNot() throws IOException {
        ProbeResult whole = run(settings(12, 16), JobProgress.none());
        JobProgress stopping = part -> (done, total) -> {
            if (part.equals("train") && done == 7) {
                throw new IllegalStateException("stopped");
            }
        };
        assertThatIllegalStateException().isThrownBy(() -> run(settings(12, 16), stopping));
        assertThat(folder.resolve("work/step-0000005")).isDirectory();
        long[] first = {-1};
        ProbeResult resumed = run(settings(12, 16), part -> (done, total) -> {
            first[0] = part.equals("train") && first[0] < 0 ? done : first[0];
        });
        assertThat(first[0]).isEqualTo(5);
        assertThat(resumed).isEqualTo(whole);
    }

    @Test
    void anUnfinishedTrainingOfOtherSettingsIsNotGoneOnWith() {
        JobProgress stopping = part -> (done, total) -> {
            if (done == 7) {
                throw new IllegalStateException("stopped");
            }
        };
        assertThatIllegalStateException().isThrownBy(() -> run(settings(12, 16), stopping));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> run(settings(13, 16), JobProgress.none()))
                .withMessageStartingWith("the folder " + folder.resolve("work") + " holds an unfinished training");
    }

    @Test
    void aSizeThatTheModelRefusesIsNamedBeforeAnythingIsTrained() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> run(settings(12, 2), JobProgress.none()))
                .withMessageStartingWith("the model toy does not take images of 2 x 2 pixels: ");
    }

    @Test
    void numbersThatAreNotFiniteAreNoticedBeforeAnythingIsTrained() throws IOException {
        ToyEncoder.write(folder.resolve("sick"), Float.NaN, "global", "registers", "feature_map");
        try (var sick = LoadedModel.open(folder.resolve("sick"))) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> sick.shapes(16, List.of(Representation.GLOBAL)))
                    .withMessage("the encoder gives a number that is not finite for a black image");
        }
    }

    @Test
    void anAttentiveProbeOfFeaturesThatAreTooNarrowIsRefused() {
        var attentive = new ProbeSettings(
                List.of(Representation.PATCHES), ProbeSettings.Grid.STANDARD, 12, 1, 8, 16, 0.5, 0, 5, 2);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> run(attentive, JobProgress.none()))
                .withMessageContaining("a multiple of 64, these have 3");
    }

    @Test
    void anyOfSeveralClassesIsRightAndImagesWithoutOneAreLeftOut() throws IOException {
        Path file = Files.writeString(folder.resolve("labels.tsv"), "image-0\tred,blue\nimage-1\tred\nimage-2\t\n");
        TestLabels targets = TestLabels.read(file, List.of("blue", "red"));
        assertThat(targets.of("image-0", 0)).containsExactly(1, 0);
        assertThat(targets.of("image-1", 0)).containsExactly(1);
        assertThat(targets.of("image-2", 0)).isEmpty();
        assertThat(targets.of("image-3", 0)).isEmpty();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TestLabels.read(file, List.of("blue")))
                .withMessage(file + ", line 1: no training image has the class red");
    }

    @Test
    void testImagesWithoutARightClassAreRefusedBeforeAnythingIsTrained() throws IOException {
        Path file = Files.writeString(folder.resolve("labels.tsv"), "another\tred\n");
        try (var train = ImageDataset.open(folder.resolve("train"));
                var test = ImageDataset.open(folder.resolve("test"));
                var model = LoadedModel.open(folder.resolve("toy"))) {
            var tests = List.of(new ProbeEvaluation.Test("test", test, TestLabels.read(file, train.classes())));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new ProbeEvaluation(settings(12, 16))
                            .run(model, train, tests, folder.resolve("work"), JobProgress.none()))
                    .withMessage("none of the test images test has a right class");
        }
    }

    private static ProbeSettings settings(int steps, int imageSize) {
        return new ProbeSettings(
                List.of(Representation.GLOBAL, Representation.BOTH),
                new ProbeSettings.Grid(List.of(0.1, 1.0), List.of(0.0, 0.01)),
                steps,
                2,
                16,
                imageSize,
                0.5,
                3,
                5,
                2);
    }

    private ProbeResult run(ProbeSettings settings, JobProgress progress) throws IOException {
        try (var train = ImageDataset.open(folder.resolve("train"));
                var test = ImageDataset.open(folder.resolve("test"));
                var model = LoadedModel.open(folder.resolve("toy"))) {
            var tests = List.of(new ProbeEvaluation.Test("test", test, TestLabels.of(test, train.classes())));
            return new ProbeEvaluation(settings)
                    .run(model, train, tests, folder.resolve("work"), progress)
                    .result();
        }
    }
}

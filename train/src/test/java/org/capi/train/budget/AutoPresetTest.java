package org.capi.train.budget;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.capi.data.batch.Images;
import org.capi.data.source.drawn.Drawings;
import org.capi.train.budget.TimeBudget.Steps;
import org.capi.train.config.ConfigFile;
import org.capi.train.config.PretrainConfig;
import org.capi.train.config.PretrainConfig.Optim;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AutoPresetTest {

    @TempDir
    private Path folder;

    @Test
    void resolutionAndPatchesFollowTheImages() {
        assertThat(AutoPreset.sizes(32)).containsExactly("data.image_size=32", "model.patch_size=4");
        assertThat(AutoPreset.sizes(64)).containsExactly("data.image_size=64", "model.patch_size=8");
        assertThat(AutoPreset.sizes(375)).containsExactly("data.image_size=112", "model.patch_size=14");
    }

    @Test
    void theMedianIsOfAllSets() throws IOException {
        new Drawings(3, 1, 32, 1).generate(folder.resolve("small"), (done, total) -> {});
        new Drawings(9, 1, 80, 1).generate(folder.resolve("large"), (done, total) -> {});
        String sets = folder.resolve("small") + ":train," + folder.resolve("large") + ":train";
        try (Images images = Images.open(sets)) {
            assertThat(AutoPreset.medianShortSide(images)).isEqualTo(80);
        }
    }

    @Test
    void stepsThatAreTooFewAreRefusedAndAGivenWarmUpStays() {
        var budget = new TimeBudget(1);
        ConfigFile demo = ConfigFile.preset("demo");
        assertThatThrownBy(() -> budget.with(demo, List.of(), new Steps(10, 3.0, 35), 100))
                .hasMessage(
                        "--minutes 1 is too short: 20 steps of 3,000 ms take 60 s on this machine, and 35 s are left"
                                + " after the start and the timing; give at least --minutes 2, or a smaller model or"
                                + " optim.batch_size");
        Optim optim = budget.with(demo, List.of("optim.warmup_steps =7"), new Steps(500, 0.1, 50), 300)
                .resolve()
                .optim();
        assertThat(optim.totalSteps()).isEqualTo(300);
        assertThat(optim.warmupSteps()).isEqualTo(200); // not a share of the steps
    }

    @Test
    void aShortTimeGetsTheSmallerModelAndOverridesTakePrecedence() throws IOException {
        new Drawings(40, 4, 32, 1).generate(folder.resolve("set"), (done, total) -> {});
        try (Images images = Images.open(folder.resolve("set") + ":train")) {
            PretrainConfig config = AutoPreset.choose(
                            images, new TimeBudget(1), List.of("optim.batch_size=8", "model.depth=2"))
                    .resolve();
            assertThat(config.data().imageSize().height()).isEqualTo(32);
            assertThat(config.model().patchSize()).isEqualTo(4);
            assertThat(config.model().dim()).isEqualTo(128);
            assertThat(config.model().depth()).isEqualTo(2);
            Optim optim = config.optim();
            assertThat(optim.batchSize()).isEqualTo(8);
            assertThat(optim.totalSteps()).isBetween(20, 300_000 / 8);
            assertThat(optim.warmupSteps()).isEqualTo(Math.round(optim.totalSteps() / 10.0));
        }
    }
}

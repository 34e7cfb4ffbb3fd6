package org.capi.train.budget;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.capi.data.batch.Images;
import org.capi.train.TinyRun;
import org.capi.train.config.ConfigFile;
import org.capi.train.config.PretrainConfig;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TimeBudgetTest {

    private static final ConfigFile DEMO = ConfigFile.preset("demo");

    @TempDir
    private static Path folder;

    private static Images images;

    @BeforeAll
    static void draw() throws IOException {
        images = Images.open(TinyRun.images(folder.resolve("set")) + ":train");
    }

    @AfterAll
    static void close() {
        images.close();
    }

    @Test
    void theStepsFitAndTheWarmUpKeepsItsShare() {
        // Steps of milliseconds in two minutes: far more than 40, which are the most to make.
        PretrainConfig config = fit(2, 0, 40, "optim.warmup_steps=3").resolve();
        assertThat(config.optim().totalSteps()).isEqualTo(40);
        assertThat(config.optim().warmupSteps()).isEqualTo(3);
        PretrainConfig scaled = fit(2, 0, 40).resolve();
        assertThat(scaled.optim().warmupSteps()).isEqualTo(4); // 200 of 2,000 in the preset
        assertThat(scaled.optim().batchSize()).isEqualTo(6);
    }

    @Test
    void moreTimeIsMoreSteps() {
        int few = fit(2, 90, Integer.MAX_VALUE).resolve().optim().totalSteps();
        int many = fit(20, 0, Integer.MAX_VALUE).resolve().optim().totalSteps();
        assertThat(few).isGreaterThanOrEqualTo(20).isLessThan(many);
    }

    @Test
    void theStepsAreNotGivenAsWell() {
        assertThatThrownBy(() -> fit(2, 0, 40, "optim.total_steps=9"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("--minutes chooses optim.total_steps; give one of the two");
    }

    @Test
    void aTimeInWhichNothingFitsIsRefused() {
        assertThatThrownBy(() -> fit(1, 55, 40))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageMatching(
                        "--minutes 1 is too short: 20 steps of [\\d,]+ ms take [\\d,]+ s on this machine, and \\d+ s are left"
                                + " after the start and the timing; give at least --minutes \\d+, or a smaller model or"
                                + " optim\\.batch_size");
    }

    @Test
    void aDemoMakesAFewStepsAllTheSame() {
        List<String> tiny = TinyRun.overrides(30, "optim.warmup_steps=3");
        ConfigFile fit = new TimeBudget(1).fitOrFew(DEMO.with(tiny), images, 600, 40);
        assertThat(fit.resolve().optim().totalSteps()).isEqualTo(20);
    }

    @Test
    void lessThanAMinuteIsRefused() {
        for (double minutes : new double[] {0.5, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
            assertThatThrownBy(() -> new TimeBudget(minutes))
                    .hasMessageStartingWith("--minutes must be at least 1, was ");
        }
    }

    private static ConfigFile fit(double minutes, double secondsAfter, int maxSteps, String... more) {
        List<String> tiny = TinyRun.overrides(0, more).stream()
                .filter(override -> !override.equals("optim.total_steps=0") && !override.equals("optim.warmup_steps=2"))
                .toList();
        return new TimeBudget(minutes).fit(DEMO, tiny, images, secondsAfter, maxSteps);
    }
}

package org.capi.train.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ProgressLineTest {

    private final ProgressLine progress = new ProgressLine(1000, 64);

    @Test
    void countsAreReadable() {
        assertThat(ProgressLine.count(1_234_567)).isEqualTo("1,234,567");
    }

    @Test
    void theFirstStepsAreLeftOutOfTheTiming() {
        step(60, 0);
        step(60, 0);
        step(60, 0);
        for (int i = 0; i < 7; i++) {
            step(0.5, 0.01);
        }

        assertThat(progress.take(metrics(10)))
                .isEqualTo(
                        "step 10 of 1000: loss 7.310, clustering loss 6.200, target entropy 0.500, learning rate 4.0e-05,"
                                + " momentum 0.9990, 128 images/s, 2 % waiting for data, 8 min 15 s left");
    }

    @Test
    void aLineOfWarmUpStepsAloneHasNoTiming() {
        step(60, 0);

        assertThat(progress.take(metrics(1))).endsWith("momentum 0.9990");
    }

    @Test
    void whatAnObjectiveDoesNotHaveIsNotShown() {
        var direct = new StepMetrics(1, 0.31, null, null, 4e-5, null, 0.999, 0.7, null, 0.002, null, null, true);

        assertThat(progress.take(direct))
                .isEqualTo("step 1 of 1000: loss 0.310, learning rate 4.0e-05, momentum 0.9990");
    }

    @Test
    void everyLineStartsAnew() {
        for (int i = 0; i < 13; i++) {
            step(1, 0.5);
        }
        progress.take(metrics(13));
        step(2, 0);

        assertThat(progress.take(metrics(14))).endsWith(" 32 images/s, 0 % waiting for data, 32 min 52 s left");
    }

    @Test
    void longEstimatesAreInDays() {
        var days = new ProgressLine(500_000, 64);
        for (int i = 0; i < 4; i++) {
            days.add(new StepMetrics.Times(0, 1, 0, 0, 0L, 0));
        }

        assertThat(days.take(metrics(4))).endsWith(" 5 d 18 h left");
    }

    @Test
    void theLastStepLeavesNoTime() {
        for (int i = 0; i < 4; i++) {
            step(1, 0);
        }

        assertThat(progress.take(metrics(970))).endsWith(", 30 s left");
        step(1, 0);
        assertThat(progress.take(metrics(1000))).endsWith(" 0 % waiting for data");
    }

    private void step(double seconds, double waited) {
        progress.add(new StepMetrics.Times(0, seconds, waited, 0, 0L, 0));
    }

    private static StepMetrics metrics(int step) {
        return new StepMetrics(step, 7.31, 6.2, 0.5, 4e-5, 2e-5, 0.999, 0.7, 0.3, 0.002, 0.9, 0.01, true);
    }
}

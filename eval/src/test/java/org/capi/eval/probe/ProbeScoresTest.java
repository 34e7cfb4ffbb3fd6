package org.capi.eval.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.capi.eval.features.Confusion;
import org.capi.eval.features.Representation;
import org.junit.jupiter.api.Test;

class ProbeScoresTest {

    private static final List<Double> RATES = List.of(0.1, 1.0);

    /** Two heads: the first named both images right with little confidence, the second one of them with much. */
    private static ProbeScores scores() {
        var settings = new ProbeSettings(
                List.of(Representation.GLOBAL), new ProbeSettings.Grid(RATES, List.of(0.0)), 2, 1, 2, 16, 0.5, 0, 1, 1);
        var scores = new ProbeScores(settings, List.of("ant", "bee"), Map.of());
        int[][][] predicted = {{{0, 1}, {1, 0}}, {{0, 1}, {0, 1}}};
        scores.add(Representation.GLOBAL, predicted, 0, List.of(0));
        scores.add(Representation.GLOBAL, predicted, 1, List.of(1));
        float[][] losses = {{0.7f, 0.6f}, {0.01f, 0.9f}};
        scores.addLosses(Representation.GLOBAL, losses, 0);
        scores.addLosses(Representation.GLOBAL, losses, 1);
        return scores;
    }

    @Test
    void theAccuracyChoosesOneHeadAndTheLossAnother() {
        assertThat(scores().best(false)).containsExactly(Map.entry(Representation.GLOBAL, 0));
        assertThat(scores().best(true)).containsExactly(Map.entry(Representation.GLOBAL, 1));
        assertThat(scores().of(Representation.GLOBAL, 0).loss()).isCloseTo(0.65, within(1e-6));
        assertThat(scores().of(Representation.GLOBAL, 1).top1()).isEqualTo(0.5);
    }

    @Test
    void theStandardErrorOfAFractionIsTheBinomialOne() {
        assertThat(Confusion.standardError(0.5, 100)).isEqualTo(0.05);
        assertThat(Confusion.standardError(0.2, 88)).isCloseTo(0.04264, within(1e-5));
    }
}

package org.capi.train.ablate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.capi.train.ablate.AblationRun.Outcome;
import org.capi.train.ablate.AblationRun.State;
import org.capi.train.ablate.AblationTable.Comparison;
import org.capi.train.ablate.AblationTable.Line;
import org.capi.train.ablate.AblationTable.Statistic;
import org.junit.jupiter.api.Test;

class ComparisonTest {

    private static final AblationMetric KNN =
            new AblationMetric("k-NN", AblationMetric.Probe.KNN, "a", "b", Map.of(), "IN1k");

    @Test
    void neighboursAreThoseOfThePatchesMeanUnlessARecipeSaysOtherwise() {
        assertThat(KNN.command(Path.of("model"), Path.of("out")))
                .endsWith("--json", "--no-baselines", "representation=avg_patch");
        // Results that were kept under the definition stay valid.
        assertThat(KNN.definition()).isEqualTo("eval knn, a -> b");
        Map<String, JsonNode> global = Map.of("representation", TextNode.valueOf("global"));
        var other = new AblationMetric("k-NN", AblationMetric.Probe.KNN, "a", "b", global, null);
        assertThat(other.command(Path.of("model"), Path.of("out"))).endsWith("representation=global");
    }

    @Test
    void theSpreadIsTheStandardDeviationOverSeeds() {
        Statistic three = Statistic.of(List.of(0.2, 0.4, 0.9));
        assertThat(three.mean()).isCloseTo(0.5, within(1e-12));
        assertThat(three.spread()).isCloseTo(Math.sqrt((0.09 + 0.01 + 0.16) / 2), within(1e-12));
        assertThat(three.text()).isEqualTo("50.0 ± 36.1");
        assertThat(Statistic.of(List.of(0.25))).isEqualTo(new Statistic(1, 0.25, null));
        assertThat(Statistic.of(List.of(0.25)).text()).isEqualTo("25.0");
    }

    @Test
    void thePooledSpreadWeighsVariancesByTheirFreedom() {
        var statistics = List.of(new Statistic(2, 0, 0.3), new Statistic(3, 0, 0.6), new Statistic(1, 0, null));
        assertThat(Statistic.pooled(statistics)).isCloseTo(Math.sqrt((0.09 + 2 * 0.36) / 3), within(1e-12));
        assertThat(Statistic.pooled(List.of(new Statistic(1, 0, null)))).isNull();
    }

    /** Deviations 0.01·√2/2·..: seeds of one variant lie 0.02 apart, so its standard deviation is 0.02/√2. */
    @Test
    void anOrderIsClaimedOnlyAboveTwiceTheLargestSpread() {
        double deviation = 0.02 / Math.sqrt(2);
        List<Comparison> near =
                Comparison.all(KNN, List.of(line("a", 70.0, 0.49, 0.51), line("b", 80.0, 0.468, 0.476)));
        assertThat(near).hasSize(1);
        assertThat(near.get(0).higher()).isEqualTo("a");
        assertThat(near.get(0).difference()).isCloseTo(0.028, within(1e-12));
        assertThat(near.get(0).twiceTheSpread()).isCloseTo(2 * deviation, within(1e-12)); // 0.0283
        assertThat(near.get(0).ordered()).isFalse();
        List<Comparison> far = Comparison.all(KNN, List.of(line("a", 70.0, 0.49, 0.51), line("b", 80.0, 0.466, 0.474)));
        assertThat(far.get(0).difference()).isCloseTo(0.03, within(1e-12));
        assertThat(far.get(0).ordered()).isTrue();
        assertThat(far.get(0).paper()).isEqualTo(Comparison.Paper.OPPOSITE);
    }

    @Test
    void aPairWithLuckySeedsIsHeldToThePooledSpread() {
        List<Comparison> all = Comparison.all(
                KNN, List.of(line("a", 1.0, 0.50, 0.50), line("b", 1.0, 0.52, 0.52), line("c", 2.0, 0.1, 0.3)));
        double pooled = Math.sqrt(0.02 / 3);
        assertThat(all.get(0).twiceTheSpread()).isCloseTo(2 * pooled, within(1e-12));
        assertThat(all.get(0).ordered()).isFalse();
        assertThat(all.get(0).paper()).isEqualTo(Comparison.Paper.TIE);
        assertThat(all.get(1).twiceTheSpread()).isCloseTo(2 * 0.2 / Math.sqrt(2), within(1e-12));
    }

    @Test
    void oneSeedGivesNoOrder() {
        List<Comparison> all = Comparison.all(KNN, List.of(line("a", null, 0.9), line("b", 80.0, 0.1, 0.1)));
        assertThat(all.get(0).twiceTheSpread()).isNull();
        assertThat(all.get(0).ordered()).isFalse();
        assertThat(all.get(0).paper()).isEqualTo(Comparison.Paper.SILENT);
    }

    @Test
    void aTrainingThatIsNotFinishedCountsForNothing() {
        Outcome half = outcome(0, State.UNFINISHED, 0.9);
        Line line = Line.of("a", Map.of(), List.of(KNN), List.of(half, outcome(1, State.FINISHED, 0.5)));
        assertThat(line.statistics()).containsExactly(Map.entry("k-NN", new Statistic(1, 0.5, null)));
    }

    private static Line line(String name, @org.jspecify.annotations.Nullable Double paper, double... values) {
        List<Outcome> outcomes = new ArrayList<>();
        for (double value : values) {
            outcomes.add(outcome(outcomes.size(), State.FINISHED, value));
        }
        Map<String, Double> numbers = new LinkedHashMap<>();
        if (paper != null) {
            numbers.put("IN1k", paper);
        }
        return Line.of(name, numbers, List.of(KNN), outcomes);
    }

    private static Outcome outcome(long seed, State state, double value) {
        return new Outcome(seed, "f", state, null, Map.of("k-NN", value), 1.0, 0.5, 1);
    }
}

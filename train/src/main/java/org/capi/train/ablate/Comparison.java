package org.capi.train.ablate;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Two variants by one evaluation.
 *
 * @param difference of their means, not negative
 * @param twiceTheSpread what the difference must exceed for an order: twice the largest of the two variants' standard
 *     deviations over seeds and the pooled one of the whole table; null where a variant has one seed only
 * @param paper what the paper's numbers say of the same two
 */
public record Comparison(
        String evaluation,
        String higher,
        String lower,
        double difference,
        @Nullable Double twiceTheSpread,
        Paper paper) {

    /** Whether the paper has the same order. */
    public enum Paper {
        SAME,
        OPPOSITE,
        TIE,
        SILENT;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Whether the difference exceeds twice the spread. */
    @JsonProperty("ordered")
    public boolean ordered() {
        return twiceTheSpread != null && difference > twiceTheSpread;
    }

    /** Every two variants of a table that have a value. */
    static List<Comparison> all(JudgeEntry evaluation, List<FilledTable.Line> lines) {
        List<FilledTable.Line> valued = lines.stream()
                .filter(line -> line.statistics().containsKey(evaluation.name()))
                .toList();
        Double pooled = Statistic.pooled(
                valued.stream().map(line -> statistic(line, evaluation)).toList());
        List<Comparison> all = new ArrayList<>();
        for (int i = 0; i < valued.size(); i++) {
            for (int j = i + 1; j < valued.size(); j++) {
                all.add(of(evaluation, valued.get(i), valued.get(j), pooled));
            }
        }
        return all;
    }

    private static Comparison of(
            JudgeEntry evaluation, FilledTable.Line first, FilledTable.Line second, @Nullable Double pooled) {
        double ahead = statistic(first, evaluation).mean()
                - statistic(second, evaluation).mean();
        FilledTable.Line higher = ahead >= 0 ? first : second;
        FilledTable.Line lower = ahead >= 0 ? second : first;
        Optional<Double> spread = largest(first, second, evaluation, pooled);
        return new Comparison(
                evaluation.name(),
                higher.variant(),
                lower.variant(),
                Math.abs(ahead),
                spread.map(value -> 2 * value).orElse(null),
                paper(evaluation.beside(), higher.paper(), lower.paper()));
    }

    private static Optional<Double> largest(
            FilledTable.Line first, FilledTable.Line second, JudgeEntry evaluation, @Nullable Double pooled) {
        Double one = statistic(first, evaluation).spread();
        Double other = statistic(second, evaluation).spread();
        return one == null || other == null
                ? Optional.empty()
                : Stream.of(one, other, pooled).filter(Objects::nonNull).max(Double::compare);
    }

    private static Paper paper(@Nullable String column, Map<String, Double> higher, Map<String, Double> lower) {
        if (column == null || !higher.containsKey(column) || !lower.containsKey(column)) {
            return Paper.SILENT;
        }
        int order =
                Double.compare(Objects.requireNonNull(higher.get(column)), Objects.requireNonNull(lower.get(column)));
        return order > 0 ? Paper.SAME : order < 0 ? Paper.OPPOSITE : Paper.TIE;
    }

    private static Statistic statistic(FilledTable.Line line, JudgeEntry evaluation) {
        return Objects.requireNonNull(line.statistics().get(evaluation.name()));
    }
}

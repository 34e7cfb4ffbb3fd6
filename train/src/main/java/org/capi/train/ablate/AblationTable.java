package org.capi.train.ablate;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.capi.train.ablate.AblationRun.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * A table with the results so far, as {@code table.json} has it.
 *
 * @param note a sentence of the recipe, or null
 * @param base the configuration that its variants start from, as a phrase
 * @param comparisons of every two variants by every metric
 */
public record AblationTable(
        String recipe,
        String title,
        @Nullable String note,
        String base,
        List<Column> evaluations,
        List<Line> variants,
        List<Comparison> comparisons) {

    /**
     * A metric.
     *
     * @param definition its command, as a phrase
     * @param beside the paper's column that it is compared with, or null
     */
    public record Column(
            String name,
            String probe,
            String definition,
            @Nullable String beside) {}

    /**
     * A measure over seeds.
     *
     * @param seeds how many
     * @param spread the standard deviation over the seeds, {@code sqrt(sum of (x - mean)^2 / (seeds - 1))}; null for
     *     one seed
     */
    public record Statistic(
            int seeds, double mean, @Nullable Double spread) {

        static Statistic of(List<Double> values) {
            double mean = values.stream()
                    .mapToDouble(Double::doubleValue)
                    .average()
                    .orElseThrow(() -> new IllegalArgumentException("no values"));
            double squares = values.stream()
                    .mapToDouble(value -> (value - mean) * (value - mean))
                    .sum();
            int seeds = values.size();
            return new Statistic(seeds, mean, seeds < 2 ? null : Math.sqrt(squares / (seeds - 1)));
        }

        /**
         * One spread for all of several variants: the root of their mean variance, each weighted by its seeds less one.
         *
         * @return null if none has two seeds
         */
        static @Nullable Double pooled(List<Statistic> statistics) {
            double squares = 0;
            int freedom = 0;
            for (Statistic one : statistics) {
                Double spread = one.spread;
                if (spread != null) {
                    squares += (one.seeds - 1) * spread * spread;
                    freedom += one.seeds - 1;
                }
            }
            return freedom == 0 ? null : Math.sqrt(squares / freedom);
        }

        /** {@code 42.1 ± 0.8}, in per cent. */
        String text() {
            return percent(mean) + (spread == null ? "" : " ± " + percent(spread));
        }
    }

    /**
     * A variant.
     *
     * @param paper the paper's numbers in per cent
     * @param statistics over its finished runs, by the names of the metrics
     */
    public record Line(
            String variant, Map<String, Double> paper, Map<String, Statistic> statistics, List<Outcome> trials) {

        static Line of(String variant, Map<String, Double> paper, List<AblationMetric> metrics, List<Outcome> runs) {
            Map<String, Statistic> statistics = new LinkedHashMap<>();
            for (AblationMetric metric : metrics) {
                List<Double> values = runs.stream()
                        .filter(Outcome::finished)
                        .flatMap(run -> Stream.ofNullable(run.measures().get(metric.name())))
                        .toList();
                if (!values.isEmpty()) {
                    statistics.put(metric.name(), Statistic.of(values));
                }
            }
            return new Line(variant, paper, statistics, runs);
        }

        List<Outcome> finished() {
            return trials.stream().filter(Outcome::finished).toList();
        }

        private Statistic statistic(AblationMetric metric) {
            return Objects.requireNonNull(statistics.get(metric.name()));
        }
    }

    /**
     * Two variants by one metric.
     *
     * @param difference of their means, not negative
     * @param twiceTheSpread what the difference must exceed for an order: twice the largest of the two variants'
     *     standard deviations over seeds and the pooled one of the whole table; null where a variant has one seed only
     * @param paper the order of the paper's numbers of the same two
     */
    public record Comparison(
            String evaluation,
            String higher,
            String lower,
            double difference,
            @Nullable Double twiceTheSpread,
            Paper paper) {

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

        @JsonProperty("ordered")
        public boolean ordered() {
            return twiceTheSpread != null && difference > twiceTheSpread;
        }

        /** Every two variants of a table that have a value. */
        static List<Comparison> all(AblationMetric metric, List<Line> lines) {
            List<Line> valued = lines.stream()
                    .filter(line -> line.statistics.containsKey(metric.name()))
                    .toList();
            Double pooled = Statistic.pooled(
                    valued.stream().map(line -> line.statistic(metric)).toList());
            List<Comparison> all = new ArrayList<>();
            for (int i = 0; i < valued.size(); i++) {
                for (int j = i + 1; j < valued.size(); j++) {
                    all.add(of(metric, valued.get(i), valued.get(j), pooled));
                }
            }
            return all;
        }

        private static Comparison of(AblationMetric metric, Line first, Line second, @Nullable Double pooled) {
            Statistic one = first.statistic(metric);
            Statistic other = second.statistic(metric);
            double ahead = one.mean - other.mean;
            Line higher = ahead >= 0 ? first : second;
            Line lower = ahead >= 0 ? second : first;
            Double twiceTheSpread = one.spread == null || other.spread == null
                    ? null
                    : 2 * Math.max(Math.max(one.spread, other.spread), pooled == null ? 0 : pooled);
            Paper paper = paper(metric.beside(), higher.paper, lower.paper);
            return new Comparison(metric.name(), higher.variant, lower.variant, Math.abs(ahead), twiceTheSpread, paper);
        }

        private static Paper paper(@Nullable String column, Map<String, Double> higher, Map<String, Double> lower) {
            Double above = column == null ? null : higher.get(column);
            Double below = column == null ? null : lower.get(column);
            if (above == null || below == null) {
                return Paper.SILENT;
            }
            int order = Double.compare(above, below);
            return order > 0 ? Paper.SAME : order < 0 ? Paper.OPPOSITE : Paper.TIE;
        }
    }

    /** The tables of a plan, from the folders of all runs as they are now. */
    static List<AblationTable> of(Plan plan) throws IOException {
        List<AblationTable> tables = new ArrayList<>();
        for (Plan.PlannedTable table : plan.tables()) {
            List<AblationMetric> metrics = table.metrics();
            List<Line> lines = new ArrayList<>();
            for (Plan.Row row : table.rows()) {
                List<Outcome> outcomes = new ArrayList<>();
                for (AblationRun run : row.runs()) {
                    outcomes.add(run.outcome(metrics));
                }
                lines.add(Line.of(row.variant(), row.paper(), metrics, outcomes));
            }
            RecipeFile.Content recipe = table.file().recipe();
            List<Column> columns = metrics.stream()
                    .map(one -> new Column(one.name(), one.probe().toString(), one.definition(), one.beside()))
                    .toList();
            List<Comparison> comparisons = metrics.stream()
                    .flatMap(metric -> Comparison.all(metric, lines).stream())
                    .toList();
            tables.add(new AblationTable(
                    table.file().name(), recipe.title(), recipe.note(), table.base(), columns, lines, comparisons));
        }
        return tables;
    }

    List<String> paperColumns() {
        return variants.stream()
                .flatMap(line -> line.paper.keySet().stream())
                .distinct()
                .toList();
    }

    /** A fraction in per cent, {@code 42.1}. */
    static String percent(double fraction) {
        return String.format(Locale.ROOT, "%.1f", 100 * fraction);
    }
}

package org.capi.train.ablate;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A table with what is known so far.
 *
 * @param note a sentence of the recipe, or null
 * @param base what its variants start from, in words
 * @param comparisons of every two variants by every evaluation
 */
public record FilledTable(
        String recipe,
        String title,
        @Nullable String note,
        String base,
        List<Column> evaluations,
        List<Line> variants,
        List<Comparison> comparisons) {

    public FilledTable {
        evaluations = List.copyOf(evaluations);
        variants = List.copyOf(variants);
        comparisons = List.copyOf(comparisons);
    }

    /**
     * An evaluation.
     *
     * @param definition its command, in words
     * @param beside the paper's column that it is compared with, or null
     */
    public record Column(
            String name,
            String probe,
            String definition,
            @Nullable String beside) {}

    /**
     * A variant.
     *
     * @param paper the paper's numbers in per cent
     * @param statistics over its finished trainings, by the names of the evaluations
     */
    public record Line(
            String variant, Map<String, Double> paper, Map<String, Statistic> statistics, List<Outcome> trials) {

        public Line {
            paper = Collections.unmodifiableMap(new LinkedHashMap<>(paper));
            statistics = Collections.unmodifiableMap(new LinkedHashMap<>(statistics));
            trials = List.copyOf(trials);
        }

        /** From the outcomes of its trainings. */
        static Line of(String variant, Map<String, Double> paper, List<JudgeEntry> evaluations, List<Outcome> trials) {
            Map<String, Statistic> statistics = new LinkedHashMap<>();
            for (JudgeEntry evaluation : evaluations) {
                List<Double> values = new ArrayList<>();
                for (Outcome trial : trials) {
                    Double value = trial.measures().get(evaluation.name());
                    if (value != null && trial.finished()) {
                        values.add(value);
                    }
                }
                if (!values.isEmpty()) {
                    statistics.put(evaluation.name(), Statistic.of(values));
                }
            }
            return new Line(variant, paper, statistics, trials);
        }

        List<Outcome> finished() {
            return trials.stream().filter(Outcome::finished).toList();
        }
    }

    /** Puts lines together with what they say of each other. */
    static FilledTable of(Plan.Sheet sheet, List<Line> lines) {
        AblationRecipe recipe = sheet.file().recipe();
        List<Column> columns = sheet.evaluations().stream()
                .map(entry -> new Column(entry.name(), entry.probe().toString(), entry.definition(), entry.beside()))
                .toList();
        List<Comparison> comparisons = sheet.evaluations().stream()
                .flatMap(entry -> Comparison.all(entry, lines).stream())
                .toList();
        return new FilledTable(
                sheet.file().name(), recipe.title(), recipe.note(), sheet.base(), columns, lines, comparisons);
    }

    /** The paper's columns that any variant has a number for. */
    List<String> paperColumns() {
        Set<String> columns = new LinkedHashSet<>();
        variants.forEach(line -> columns.addAll(line.paper().keySet()));
        return List.copyOf(columns);
    }
}

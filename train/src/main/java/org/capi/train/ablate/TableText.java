package org.capi.train.ablate;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The words of a table: its cells, and the sentences below it. */
record TableText(FilledTable table) {

    private static final String NOTHING = "–";

    List<String> columns() {
        List<String> columns = new ArrayList<>(List.of("variant"));
        table.evaluations().forEach(column -> columns.add(column.name()));
        table.paperColumns().forEach(name -> columns.add("paper, " + name));
        columns.addAll(List.of("seeds", "student loss", "minutes"));
        return columns;
    }

    List<List<String>> rows() {
        return table.variants().stream().map(this::row).toList();
    }

    private List<String> row(FilledTable.Line line) {
        List<String> row = new ArrayList<>(List.of(line.variant()));
        for (FilledTable.Column column : table.evaluations()) {
            Statistic statistic = line.statistics().get(column.name());
            row.add(statistic == null ? state(line) : statistic.text());
        }
        for (String name : table.paperColumns()) {
            Double number = line.paper().get(name);
            row.add(number == null ? NOTHING : String.format(Locale.ROOT, "%.1f", number));
        }
        List<Outcome> finished = line.finished();
        row.add(
                finished.size() == line.trials().size()
                        ? String.valueOf(finished.size())
                        : finished.size() + " of " + line.trials().size());
        row.add(mean(finished.stream().map(Outcome::firstLoss).toList(), "%.2f") + " → "
                + mean(finished.stream().map(Outcome::lastLoss).toList(), "%.2f"));
        row.add(mean(finished.stream().map(Outcome::minutes).toList(), "%.1f"));
        return row;
    }

    /** What stands in a cell without a number. */
    private static String state(FilledTable.Line line) {
        return line.trials().stream()
                .filter(Outcome::failed)
                .findFirst()
                .map(trial -> trial.state().toString())
                .orElse(NOTHING);
    }

    private static String mean(List<@Nullable Double> values, String format) {
        if (values.isEmpty() || values.stream().anyMatch(Objects::isNull)) {
            return NOTHING;
        }
        double mean = values.stream()
                .filter(Objects::nonNull)
                .mapToDouble(Double::doubleValue)
                .average()
                .orElseThrow();
        return String.format(Locale.ROOT, format, mean);
    }

    /** What was run, and what the numbers are. */
    String lead() {
        StringBuilder lead = new StringBuilder("Base: " + table.base() + ". ");
        for (FilledTable.Column column : table.evaluations()) {
            lead.append(column.name()).append(": ").append(column.definition()).append(". ");
        }
        return lead
                + "In per cent, mean ± standard deviation over the seeds; student loss at the first and the last step and"
                + " minutes of training are means.";
    }

    /** Which variants are better than which, and for which that cannot be said. */
    List<String> findings() {
        List<String> findings = new ArrayList<>();
        for (FilledTable.Column column : table.evaluations()) {
            List<Comparison> own = table.comparisons().stream()
                    .filter(one -> one.evaluation().equals(column.name()))
                    .toList();
            own.stream().filter(Comparison::ordered).forEach(one -> findings.add(order(one, column)));
            List<String> open = own.stream()
                    .filter(one -> !one.ordered())
                    .map(one -> one.higher() + " / " + one.lower() + " (" + Percent.plain(one.difference()) + ", "
                            + (one.twiceTheSpread() == null
                                    ? "one seed"
                                    : Percent.plain(Objects.requireNonNull(one.twiceTheSpread())))
                            + ")")
                    .toList();
            if (!open.isEmpty()) {
                findings.add(
                        column.name() + ": no order (difference, twice the spread): " + String.join("; ", open) + ".");
            }
        }
        for (FilledTable.Line line : table.variants()) {
            for (Outcome trial : line.trials()) {
                if (trial.failed()) {
                    findings.add(line.variant() + ", seed " + trial.seed() + ": " + trial.state() + ", "
                            + trial.reason() + ".");
                }
            }
        }
        return findings;
    }

    private static String order(Comparison one, FilledTable.Column column) {
        String paper = switch (one.paper()) {
            case SAME -> "; the paper's " + column.beside() + " has the same order";
            case OPPOSITE -> "; the paper's " + column.beside() + " has the opposite order";
            case TIE -> "; the paper's " + column.beside() + " has them equal";
            case SILENT -> "";
        };
        return column.name() + ": **" + one.higher() + "** above **" + one.lower() + "** by "
                + Percent.plain(one.difference()) + " (twice the spread: "
                + Percent.plain(Objects.requireNonNull(one.twiceTheSpread())) + ")" + paper + ".";
    }

    /** How two variants are compared. */
    static String rule() {
        return "An order of two variants is stated where their means differ by more than twice the spread: the largest of"
                + " their two standard deviations over seeds and the pooled one of the table (the root of the mean"
                + " variance over its variants).";
    }
}

package org.capi.train.ablate;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.capi.data.files.DurableFile;
import org.capi.data.files.StrictJson;
import org.capi.eval.report.Charts.Curves;
import org.capi.eval.report.Charts.Curves.Point;
import org.capi.eval.report.Charts.Curves.Series;
import org.capi.eval.report.Report;
import org.capi.eval.report.Section;
import org.capi.eval.report.Section.Shares;
import org.capi.eval.report.Section.Table;
import org.capi.train.ablate.AblationRun.Outcome;
import org.capi.train.ablate.AblationTable.Column;
import org.capi.train.ablate.AblationTable.Comparison;
import org.capi.train.ablate.AblationTable.Line;
import org.capi.train.ablate.AblationTable.Statistic;
import org.capi.train.metrics.MetricsFile;
import org.capi.train.run.RunFolder;
import org.jspecify.annotations.Nullable;

/** The tables of an ablation as {@code table.md}, {@code table.json} and {@code report.html}. */
record AblationReport(AblationTable table) {

    private static final String NOTHING = "–";
    private static final String RULE =
            "One variant is called better than another only if their means differ by more than twice the spread. The"
                    + " spread is the largest of three standard deviations over seeds: those of the two variants, and"
                    + " the pooled one of the table (the root of the mean variance over its variants).";

    static void write(List<AblationTable> tables, AblationFolder folder) throws IOException {
        String markdown = tables.stream()
                .map(table -> new AblationReport(table).markdown())
                .collect(Collectors.joining("\n"));
        DurableFile.write(folder.markdownFile(), markdown);
        StrictJson.write(folder.jsonFile(), tables);
        List<Section> sections = new ArrayList<>();
        long runs = 0;
        long finished = 0;
        for (AblationTable table : tables) {
            new AblationReport(table).addTo(sections, folder);
            for (Line line : table.variants()) {
                runs += line.trials().size();
                finished += line.finished().size();
            }
        }
        String lead = finished + " of " + runs + " trainings of these tables are finished.";
        new Report("Ablation " + folder.path().toAbsolutePath().normalize().getFileName(), lead, sections)
                .write(folder.reportFile());
    }

    private String markdown() {
        String title = "### " + escape(table.title()) + "\n\n";
        String note =
                table.note() == null ? "" : escape(String.valueOf(table.note()).strip()) + "\n\n";
        List<List<String>> rows = new ArrayList<>();
        rows.add(columns());
        rows.add(columns().stream().map(column -> "---").toList());
        rows.addAll(rows());
        String lines = rows.stream()
                .map(row -> row.stream().map(AblationReport::escape).collect(Collectors.joining(" | ", "| ", " |\n")))
                .collect(Collectors.joining());
        String findings = findings().stream()
                .map(finding -> "- " + escape(finding) + "\n")
                .collect(Collectors.joining());
        return title + note + escape(lead()) + "\n\n" + lines + "\n" + RULE + "\n\n" + findings;
    }

    private static String escape(String text) {
        return text.replace("|", "\\|").replace("\n", " ");
    }

    private List<String> columns() {
        List<String> columns = new ArrayList<>(List.of("variant"));
        table.evaluations().forEach(column -> columns.add(column.name()));
        table.paperColumns().forEach(name -> columns.add("paper, " + name));
        columns.addAll(List.of("seeds", "student loss", "minutes"));
        return columns;
    }

    private List<List<String>> rows() {
        return table.variants().stream().map(this::row).toList();
    }

    private List<String> row(Line line) {
        List<String> row = new ArrayList<>(List.of(line.variant()));
        for (Column column : table.evaluations()) {
            Statistic statistic = line.statistics().get(column.name());
            row.add(statistic == null ? state(line) : statistic.text());
        }
        for (String name : table.paperColumns()) {
            Double number = line.paper().get(name);
            row.add(number == null ? NOTHING : String.format(Locale.ROOT, "%.1f", number));
        }
        List<Outcome> finished = line.finished();
        int runs = line.trials().size();
        row.add(finished.size() + (finished.size() == runs ? "" : " of " + runs));
        row.add(mean(finished, Outcome::firstLoss, "%.2f") + " → " + mean(finished, Outcome::lastLoss, "%.2f"));
        row.add(mean(finished, Outcome::minutes, "%.1f"));
        return row;
    }

    private static String state(Line line) {
        return line.trials().stream()
                .filter(Outcome::failed)
                .findFirst()
                .map(run -> run.state().toString())
                .orElse(NOTHING);
    }

    /** The mean of values, of which none may be missing. */
    private static String mean(List<Outcome> runs, Function<Outcome, @Nullable Double> value, String format) {
        double sum = 0;
        for (Outcome run : runs) {
            Double one = value.apply(run);
            sum += one == null ? Double.NaN : one;
        }
        double mean = sum / runs.size();
        return Double.isNaN(mean) ? NOTHING : String.format(Locale.ROOT, format, mean);
    }

    private String lead() {
        StringBuilder lead = new StringBuilder("Base: " + table.base() + ". ");
        for (Column column : table.evaluations()) {
            lead.append(column.name()).append(": ").append(column.definition()).append(". ");
        }
        return lead
                + "Accuracies are percentages, mean ± standard deviation over the seeds. Student loss is the mean at"
                + " the first and at the last step; minutes are the mean training time.";
    }

    /** Which variants are better than which, for which that cannot be said, and which failed. */
    private List<String> findings() {
        List<String> findings = new ArrayList<>();
        for (Column column : table.evaluations()) {
            List<Comparison> own = table.comparisons().stream()
                    .filter(one -> one.evaluation().equals(column.name()))
                    .toList();
            own.stream().filter(Comparison::ordered).forEach(one -> findings.add(order(one, column)));
            String open = own.stream()
                    .filter(one -> !one.ordered())
                    .map(one -> one.higher() + " / " + one.lower() + " (" + AblationTable.percent(one.difference())
                            + ", " + spread(one) + ")")
                    .collect(Collectors.joining("; "));
            if (!open.isEmpty()) {
                findings.add(column.name() + ": too close to call (difference, twice the spread): " + open + ".");
            }
        }
        for (Line line : table.variants()) {
            line.trials().stream()
                    .filter(Outcome::failed)
                    .forEach(run -> findings.add(
                            line.variant() + ", seed " + run.seed() + ": " + run.state() + ", " + run.reason() + "."));
        }
        return findings;
    }

    private static String spread(Comparison one) {
        return one.twiceTheSpread() == null ? "one seed" : AblationTable.percent(one.twiceTheSpread());
    }

    private static String order(Comparison one, Column column) {
        String paper = "; the paper's " + column.beside() + " has ";
        return column.name() + ": **" + one.higher() + "** above **" + one.lower() + "** by "
                + AblationTable.percent(one.difference()) + " (twice the spread: " + spread(one) + ")"
                + switch (one.paper()) {
                    case SAME -> paper + "the same order";
                    case OPPOSITE -> paper + "the opposite order";
                    case TIE -> paper + "them equal";
                    case SILENT -> "";
                }
                + ".";
    }

    private void addTo(List<Section> sections, AblationFolder folder) throws IOException {
        String note = (table.note() == null ? "" : String.valueOf(table.note()).strip() + " ") + lead();
        sections.add(new Table(table.title(), note, columns(), rows()));
        List<List<String>> findings = findings().stream()
                .map(finding -> List.of(finding.replace("**", "")))
                .toList();
        sections.add(new Table(table.title() + ": findings", RULE, List.of("finding"), findings));
        for (Column column : table.evaluations()) {
            List<Shares.Share> bars = new ArrayList<>();
            for (Line line : table.variants()) {
                Statistic statistic = line.statistics().get(column.name());
                if (statistic != null) {
                    bars.add(new Shares.Share(line.variant(), statistic.mean(), Shares.Rank.SUBJECT));
                }
                Double paper = column.beside() == null ? null : line.paper().get(column.beside());
                if (paper != null) {
                    String name = line.variant() + ", the paper's " + column.beside();
                    bars.add(new Shares.Share(name, paper / 100, Shares.Rank.REFERENCE));
                }
            }
            if (!bars.isEmpty()) {
                sections.add(new Shares(table.title() + ": " + column.name(), "", bars));
            }
        }
        sections.add(losses(folder.path()));
    }

    private Curves losses(Path ablation) throws IOException {
        Map<String, Series> series = new LinkedHashMap<>();
        for (Line line : table.variants()) {
            for (Outcome run : line.trials()) {
                Path file = new RunFolder(AblationFolder.runs(ablation).resolve(run.folder())).metricsFile();
                if (Files.exists(file) && !series.containsKey(line.variant())) {
                    List<Point> points = new ArrayList<>();
                    MetricsFile.read(
                            file,
                            one -> points.add(
                                    new Point(one.step(), one.numbers().getOrDefault("student_loss", Double.NaN))));
                    series.put(line.variant(), new Series(line.variant() + ", seed " + run.seed(), points));
                }
            }
        }
        return new Curves(table.title() + ": student loss", "", List.copyOf(series.values()));
    }
}

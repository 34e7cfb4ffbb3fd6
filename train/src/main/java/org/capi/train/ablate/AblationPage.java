package org.capi.train.ablate;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.capi.eval.report.Curves;
import org.capi.eval.report.Curves.Point;
import org.capi.eval.report.Curves.Series;
import org.capi.eval.report.Report;
import org.capi.eval.report.Section;
import org.capi.eval.report.Shares;
import org.capi.eval.report.Table;
import org.capi.train.metrics.MetricsLine;
import org.capi.train.run.RunFolder;

/** The page of an ablation: for each table its numbers, what they say, bars, and the losses. */
final class AblationPage {

    private AblationPage() {}

    static void write(List<FilledTable> tables, AblationFolder folder) throws IOException {
        List<Section> sections = new ArrayList<>();
        long trainings = 0;
        long finished = 0;
        for (FilledTable table : tables) {
            var text = new TableText(table);
            String note =
                    (table.note() == null ? "" : String.valueOf(table.note()).strip() + " ") + text.lead();
            sections.add(new Table(table.title(), note, text.columns(), text.rows()));
            List<List<String>> findings = text.findings().stream()
                    .map(finding -> List.of(finding.replace("**", "")))
                    .toList();
            sections.add(new Table(table.title() + ": what it says", TableText.rule(), List.of("finding"), findings));
            bars(table, sections);
            sections.add(losses(table, folder.path()));
            for (FilledTable.Line line : table.variants()) {
                trainings += line.trials().size();
                finished += line.finished().size();
            }
        }
        String lead = finished + " of " + trainings + " trainings of these tables are finished.";
        new Report("Ablation " + folder.path().toAbsolutePath().normalize().getFileName(), lead, sections)
                .write(folder.reportFile());
    }

    private static void bars(FilledTable table, List<Section> sections) {
        for (FilledTable.Column column : table.evaluations()) {
            List<Shares.Share> bars = new ArrayList<>();
            for (FilledTable.Line line : table.variants()) {
                Statistic statistic = line.statistics().get(column.name());
                if (statistic != null) {
                    bars.add(new Shares.Share(line.variant(), statistic.mean(), Shares.Rank.SUBJECT));
                }
                Double paper = column.beside() == null ? null : line.paper().get(String.valueOf(column.beside()));
                if (paper != null) {
                    String name = line.variant() + ", the paper's " + column.beside();
                    bars.add(new Shares.Share(name, paper / 100, Shares.Rank.REFERENCE));
                }
            }
            if (!bars.isEmpty()) {
                sections.add(new Shares(table.title() + ": " + column.name(), "", bars));
            }
        }
    }

    /** The first training of each variant that has begun. */
    private static Curves losses(FilledTable table, Path ablation) throws IOException {
        Map<String, Series> series = new LinkedHashMap<>();
        for (FilledTable.Line line : table.variants()) {
            for (Outcome trial : line.trials()) {
                Path file = new RunFolder(AblationFolder.runs(ablation).resolve(trial.folder())).metricsFile();
                if (Files.exists(file) && !series.containsKey(line.variant())) {
                    series.put(line.variant(), new Series(line.variant() + ", seed " + trial.seed(), points(file)));
                }
            }
        }
        return new Curves(table.title() + ": student loss", "", List.copyOf(series.values()));
    }

    private static List<Point> points(Path file) throws IOException {
        List<Point> points = new ArrayList<>();
        try (BufferedReader lines = Files.newBufferedReader(file)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                try {
                    MetricsLine metrics = MetricsLine.parse(line);
                    points.add(new Point(metrics.step(), metrics.numbers().getOrDefault("student_loss", Double.NaN)));
                } catch (IOException e) {
                    return points; // torn by a crash
                }
            }
        }
        return points;
    }
}

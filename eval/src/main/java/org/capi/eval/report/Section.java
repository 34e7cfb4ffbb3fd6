package org.capi.eval.report;

import static org.capi.eval.report.Html.each;
import static org.capi.eval.report.Html.escape;
import static org.capi.eval.report.Html.sentence;

import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** A part of a report under its heading. */
public sealed interface Section
        permits Section.Facts,
                Section.Table,
                Section.Shares,
                Section.Commands,
                Section.ConfusionMatrix,
                Charts.Curves,
                Charts.Histograms,
                Figures.Gallery,
                Figures.ContactSheet,
                Figures.Matches,
                Figures.MarkedPictures {

    String heading();

    /** What follows the heading. */
    String html();

    record Facts(String heading, List<Fact> facts) implements Section {

        public Facts {
            facts = List.copyOf(facts);
        }

        /** One of them, such as {@code images} and {@code 2,000}. */
        public record Fact(String name, String value) {}

        @Override
        public String html() {
            return "<dl>\n"
                    + each(
                            facts,
                            fact -> "<div><dt>" + escape(fact.name) + "</dt><dd>" + escape(fact.value)
                                    + "</dd></div>\n")
                    + "</dl>\n";
        }
    }

    /**
     * Rows of texts under column names; the first column names the row.
     *
     * @param note a sentence above the table, or an empty text
     */
    record Table(String heading, String note, List<String> columns, List<List<String>> rows) implements Section {

        public Table {
            columns = List.copyOf(columns);
            rows = rows.stream().map(List::copyOf).toList();
            for (List<String> row : rows) {
                if (row.size() != columns.size()) {
                    throw new IllegalArgumentException(
                            "a row of the table '" + heading + "' has " + row.size() + " cells, not " + columns.size());
                }
            }
        }

        @Override
        public String html() {
            return sentence(note) + "<div class=\"scroll\"><table>\n" + row("th", columns)
                    + each(rows, row -> row("td", row)) + "</table></div>\n";
        }

        private String row(String cell, List<String> texts) {
            return "<tr>"
                    + each(
                            IntStream.range(0, columns.size()).boxed().toList(),
                            column -> "<" + cell + (isText(column) ? " class=\"words\">" : ">")
                                    + escape(texts.get(column)) + "</" + cell + ">")
                    + "</tr>\n";
        }

        /** Whether a column holds text, which is aligned left, and not numbers alone. */
        private boolean isText(int column) {
            return rows.stream().anyMatch(row -> !row.get(column).matches("([-+]?[0-9].*)?"));
        }
    }

    /**
     * Commands to copy, one a line.
     *
     * @param note a sentence above them, or an empty text
     */
    record Commands(String heading, String note, List<String> lines) implements Section {

        public Commands {
            lines = List.copyOf(lines);
        }

        @Override
        public String html() {
            return sentence(note) + "<pre>" + escape(String.join("\n", lines)) + "</pre>\n";
        }
    }

    /**
     * Fractions to compare, each as a bar from 0 to 100 %, such as the accuracies of several models.
     *
     * @param note a sentence above the bars, or an empty text
     */
    record Shares(String heading, String note, List<Share> shares) implements Section {

        public Shares {
            shares = List.copyOf(shares);
        }

        public record Share(String name, double fraction, Rank rank) {

            public Share {
                if (!(fraction >= 0 && fraction <= 1)) {
                    throw new IllegalArgumentException(
                            "the share '" + name + "' must lie between 0 and 1, was " + fraction);
                }
            }
        }

        public enum Rank {
            /** What the report is about. */
            SUBJECT,
            /** What it is compared with. */
            REFERENCE
        }

        @Override
        public String html() {
            return sentence(note) + "<div class=\"shares\">\n" + each(shares, Shares::bar) + "</div>\n";
        }

        private static String bar(Share share) {
            return String.format(
                    Locale.ROOT,
                    "<div class=\"share %s\"><span class=\"name\">%s</span><span class=\"track\"><span class=\"bar\""
                            + " style=\"width:%.1f%%\"></span></span><span class=\"value\">%3$.1f %%</span></div>\n",
                    share.rank.name().toLowerCase(Locale.ROOT),
                    escape(share.name),
                    100 * share.fraction);
        }
    }

    /**
     * How often images of each class were taken for each class: a cell is the darker the larger its part of its row.
     *
     * @param note a sentence above the matrix, or an empty text
     * @param counts a row for each true class, in it a count for each predicted one
     */
    record ConfusionMatrix(String heading, String note, List<String> classes, List<List<Long>> counts)
            implements Section {

        public ConfusionMatrix {
            classes = List.copyOf(classes);
            counts = counts.stream().map(List::copyOf).toList();
            int classCount = classes.size();
            if (counts.size() != classCount || counts.stream().anyMatch(row -> row.size() != classCount)) {
                throw new IllegalArgumentException("the matrix '" + heading + "' is not as large as its classes");
            }
        }

        @Override
        public String html() {
            var rows = new StringBuilder();
            for (int truth = 0; truth < classes.size(); truth++) {
                List<Long> row = counts.get(truth);
                double all = Math.max(1, row.stream().mapToLong(Long::longValue).sum());
                rows.append("<tr><th>").append(escape(classes.get(truth))).append("</th>");
                rows.append(each(
                        row,
                        count -> String.format(
                                Locale.ROOT,
                                "<td style=\"background:rgba(42,120,214,%.2f)\">%s</td>",
                                0.6 * (count / all),
                                count == 0 ? "" : Html.count(count))));
                rows.append("</tr>\n");
            }
            return sentence(note) + "<div class=\"scroll\"><table class=\"confusion\">\n<tr><th></th>"
                    + each(classes, name -> "<th>" + escape(name) + "</th>") + "</tr>\n" + rows + "</table></div>\n";
        }
    }
}

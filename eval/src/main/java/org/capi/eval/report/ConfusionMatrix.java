package org.capi.eval.report;

import java.util.List;
import java.util.Locale;

/**
 * How often images of each class were taken for each class: a cell is the darker the larger its part of its row.
 *
 * @param note a sentence above the matrix, or an empty text
 * @param counts a row for each true class, in it a count for each named one
 */
public record ConfusionMatrix(String heading, String note, List<String> classes, List<List<Long>> counts)
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
    public void appendTo(StringBuilder page) {
        Html.note(page, note);
        page.append("<div class=\"scroll\"><table class=\"confusion\">\n<tr><th></th>");
        classes.forEach(name -> page.append("<th>").append(Html.escape(name)).append("</th>"));
        page.append("</tr>\n");
        for (int truth = 0; truth < classes.size(); truth++) {
            page.append("<tr><th>").append(Html.escape(classes.get(truth))).append("</th>");
            List<Long> row = counts.get(truth);
            long all = row.stream().mapToLong(Long::longValue).sum();
            for (long count : row) {
                double part = all == 0 ? 0 : (double) count / all;
                page.append("<td style=\"background:rgba(42,120,214,")
                        .append(String.format(Locale.ROOT, "%.2f", 0.6 * part))
                        .append(")\">")
                        .append(count == 0 ? "" : Html.count(count))
                        .append("</td>");
            }
            page.append("</tr>\n");
        }
        page.append("</table></div>\n");
    }
}

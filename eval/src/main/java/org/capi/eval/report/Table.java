package org.capi.eval.report;

import java.util.List;

/**
 * Rows of texts under column names; the first column names the row.
 *
 * @param note a sentence above the table, or an empty text
 */
public record Table(String heading, String note, List<String> columns, List<List<String>> rows) implements Section {

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
    public void appendTo(StringBuilder page) {
        Html.note(page, note);
        page.append("<div class=\"scroll\"><table>\n");
        row(page, "th", columns);
        rows.forEach(row -> row(page, "td", row));
        page.append("</table></div>\n");
    }

    private static void row(StringBuilder page, String cell, List<String> texts) {
        page.append("<tr>");
        for (String text : texts) {
            page.append('<').append(cell).append('>').append(Html.escape(text));
            page.append("</").append(cell).append('>');
        }
        page.append("</tr>\n");
    }
}

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
        boolean[] words = words();
        row(page, "th", columns, words);
        rows.forEach(row -> row(page, "td", row, words));
        page.append("</table></div>\n");
    }

    /** For each column whether it holds words, which are read from the left, and not numbers alone. */
    private boolean[] words() {
        boolean[] words = new boolean[columns.size()];
        for (List<String> row : rows) {
            for (int column = 0; column < words.length; column++) {
                words[column] |= !row.get(column).matches("([-+]?[0-9].*)?");
            }
        }
        return words;
    }

    private static void row(StringBuilder page, String cell, List<String> texts, boolean[] words) {
        page.append("<tr>");
        for (int column = 0; column < words.length; column++) {
            String text = texts.get(column);
            page.append('<').append(cell).append(words[column] ? " class=\"words\">" : ">");
            page.append(Html.escape(text));
            page.append("</").append(cell).append('>');
        }
        page.append("</tr>\n");
    }
}

package org.capi.train.ablate;

import java.util.List;
import java.util.stream.Collectors;

/** A table as Markdown. */
final class Markdown {

    private Markdown() {}

    /** Its heading, what was run, the table, and what it says. */
    static String of(FilledTable table) {
        var text = new TableText(table);
        var markdown = new StringBuilder();
        markdown.append("### ").append(escape(table.title())).append("\n\n");
        if (table.note() != null) {
            markdown.append(escape(String.valueOf(table.note()).strip())).append("\n\n");
        }
        markdown.append(escape(text.lead())).append("\n\n");
        List<String> columns = text.columns();
        row(markdown, columns);
        row(markdown, columns.stream().map(column -> "---").toList());
        text.rows().forEach(row -> row(markdown, row));
        markdown.append("\n").append(TableText.rule()).append("\n\n");
        List<String> findings = text.findings();
        findings.forEach(
                finding -> markdown.append("- ").append(escape(finding)).append("\n"));
        return markdown.toString();
    }

    private static void row(StringBuilder markdown, List<String> cells) {
        markdown.append(cells.stream().map(Markdown::escape).collect(Collectors.joining(" | ", "| ", " |\n")));
    }

    private static String escape(String text) {
        return text.replace("|", "\\|").replace("\n", " ");
    }
}

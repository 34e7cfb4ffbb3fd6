package org.capi.eval.report;

import static org.capi.eval.report.Html.each;
import static org.capi.eval.report.Html.escape;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.capi.data.files.DurableFile;

/**
 * A page of sections under a title.
 *
 * @param lead one or two sentences below the title: what was done and the result
 */
public record Report(String title, String lead, List<Section> sections) {

    public Report {
        sections = List.copyOf(sections);
    }

    /** The whole page; its style and its pictures are inside. */
    public String html() {
        return String.format(
                Locale.ROOT,
                """
                <!DOCTYPE html>
                <html lang="en">
                <head>
                <meta charset="utf-8">
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <title>%1$s</title>
                <style>
                %2$s</style>
                </head>
                <body>
                <main>
                <h1>%1$s</h1>
                <p class="lead">%3$s</p>
                %4$s</main>
                </body>
                </html>
                """,
                escape(title),
                style(),
                escape(lead),
                each(
                        sections,
                        one -> "<section>\n<h2>" + escape(one.heading()) + "</h2>\n" + one.html() + "</section>\n"));
    }

    /** Writes the page to a file, whole or not at all. */
    public void write(Path file) throws IOException {
        DurableFile.write(file, html());
    }

    private static String style() {
        try (InputStream resource = Report.class.getResourceAsStream("report.css")) {
            if (resource == null) {
                throw new IllegalStateException("report.css is missing from the jar");
            }
            return new String(resource.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

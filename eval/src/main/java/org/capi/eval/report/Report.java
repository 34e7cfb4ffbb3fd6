package org.capi.eval.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.capi.data.files.DurableFile;

/**
 * A page of sections under a title.
 *
 * @param lead one or two sentences below the title: what was done and what came of it
 */
public record Report(String title, String lead, List<Section> sections) {

    public Report {
        sections = List.copyOf(sections);
    }

    /** The whole page; its style and its pictures are inside. */
    public String html() {
        var page = new StringBuilder();
        page.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
        page.append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        page.append("<title>").append(Html.escape(title)).append("</title>\n");
        page.append("<style>\n").append(style()).append("</style>\n</head>\n<body>\n<main>\n");
        page.append("<h1>").append(Html.escape(title)).append("</h1>\n");
        page.append("<p class=\"lead\">").append(Html.escape(lead)).append("</p>\n");
        for (Section section : sections) {
            page.append("<section>\n<h2>")
                    .append(Html.escape(section.heading()))
                    .append("</h2>\n");
            section.appendTo(page);
            page.append("</section>\n");
        }
        return page.append("</main>\n</body>\n</html>\n").toString();
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

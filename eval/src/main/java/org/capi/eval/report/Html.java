package org.capi.eval.report;

import java.util.Locale;
import org.capi.data.Printable;

/** Text as HTML. */
final class Html {

    private Html() {}

    /** Control characters are spelled out, so that a name cannot turn the direction of the text after it. */
    static String escape(String raw) {
        String text = Printable.of(raw);
        var escaped = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                case '\'' -> escaped.append("&#39;");
                default -> escaped.append(c);
            }
        }
        return escaped.toString();
    }

    /** A place or a length with a digit after the point. */
    static String number(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }

    /** A count as people read it. */
    static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /** A sentence below a heading; nothing for an empty one. */
    static void note(StringBuilder page, String text) {
        if (!text.isEmpty()) {
            page.append("<p class=\"note\">").append(escape(text)).append("</p>\n");
        }
    }
}

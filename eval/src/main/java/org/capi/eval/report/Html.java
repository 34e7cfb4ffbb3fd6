package org.capi.eval.report;

import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.capi.data.files.FileNames;

/** Text as HTML. */
final class Html {

    private Html() {}

    /** Control characters are spelled out, so that a name cannot change the direction of the text after it. */
    static String escape(String raw) {
        return FileNames.printable(raw)
                .replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }

    /** A coordinate or a length with one decimal. */
    static String number(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }

    static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /** A sentence below a heading; nothing for an empty one. */
    static String sentence(String text) {
        return text.isEmpty() ? "" : "<p class=\"note\">" + escape(text) + "</p>\n";
    }

    static <T> String each(List<T> items, Function<T, String> html) {
        return items.stream().map(html).collect(Collectors.joining());
    }
}

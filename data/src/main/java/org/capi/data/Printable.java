package org.capi.data;

import java.util.Locale;
import java.util.regex.Pattern;

/** Text from files and arguments in a form that a terminal, a log or a page can show. */
public final class Printable {

    /** Control characters but tab and line feed, and those that change the direction of the text around them. */
    private static final Pattern CONTROL =
            Pattern.compile("[\\p{Cc}\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069&&[^\\t\\n]]");

    private Printable() {}

    /** The text with those characters as six ASCII characters, such as {@code \u001b}, which JSON reads back. */
    public static String of(String text) {
        return CONTROL.matcher(text)
                .replaceAll(found -> String.format(
                        Locale.ROOT, "\\\\u%04x", (int) found.group().charAt(0)));
    }
}

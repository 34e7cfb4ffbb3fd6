package org.capi.savedmodels;

import java.util.Locale;

/** Text of other people's files as messages show it: short, on one line, and without what a terminal would obey. */
public final class SafeText {

    private static final int MAX_NAME = 100;
    private static final int MAX_TEXT = 240;
    private static final int MAX_MASKED_NAME = 80;
    private static final int MAX_MASKED_TEXT = 300;

    private SafeText() {}

    /** A name as it is, or in quotes where it had to be escaped or cut. */
    public static String name(String name) {
        String shown = escaped(name, MAX_NAME);
        return shown.equals(name) ? name : "'" + shown + "'";
    }

    /** A longer text, escaped and cut. */
    public static String text(String text) {
        return escaped(text, MAX_TEXT);
    }

    /** The first line of a message, without the names of nodes that TensorFlow adds to it. */
    static String firstLine(Throwable failure) {
        String line = String.valueOf(failure.getMessage()).split("\n", 2)[0];
        return masked(line.replaceAll("\\s*(\\{\\{|\\[\\[).*", ""), MAX_MASKED_TEXT);
    }

    /** A name with question marks for control characters, cut. */
    static String maskedName(String name) {
        return masked(name, MAX_MASKED_NAME);
    }

    /** As {@link #maskedName}, for a longer text. */
    static String maskedText(String text) {
        return masked(text, MAX_MASKED_TEXT);
    }

    private static String masked(String text, int length) {
        String cut = text.length() <= length ? text : text.substring(0, length) + "...";
        return cut.replaceAll("\\p{Cntrl}|\\p{Cf}", "?");
    }

    private static String escaped(String text, int max) {
        var shown = new StringBuilder();
        for (int i = 0; i < text.length() && i < max; i++) {
            char c = text.charAt(i);
            switch (Character.getType(c)) {
                case Character.CONTROL,
                        Character.FORMAT,
                        Character.LINE_SEPARATOR,
                        Character.PARAGRAPH_SEPARATOR,
                        Character.SURROGATE -> shown.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
                default -> shown.append(c);
            }
        }
        return text.length() > max ? shown.append("...").toString() : shown.toString();
    }
}

package org.capi.savedmodels.weights;

import java.util.Locale;

/** Text of a file as messages show it: short, on one line, and without what a terminal would obey. */
final class Quoted {

    private static final int MAX_NAME = 100;
    private static final int MAX_TEXT = 240;

    private Quoted() {}

    /** A name as it is, or in quotes where it had to be escaped or cut. */
    static String name(String name) {
        String shown = escaped(name, MAX_NAME);
        return shown.equals(name) ? name : "'" + shown + "'";
    }

    /** A longer text, escaped and cut. */
    static String text(String text) {
        return escaped(text, MAX_TEXT);
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

package org.capi.savedmodels;

/** The part of TensorFlow's message, or of a name in a stranger's file, that a user can read. */
final class FirstLine {

    private static final int MAX_MESSAGE = 300;
    private static final int MAX_NAME = 80;

    private FirstLine() {}

    static String of(Throwable failure) {
        String message = String.valueOf(failure.getMessage());
        int end = message.indexOf('\n');
        return printable(
                (end < 0 ? message : message.substring(0, end)).replaceAll("\\s*(\\{\\{|\\[\\[).*", ""), MAX_MESSAGE);
    }

    /** A name that a stranger chose. */
    static String ofName(String name) {
        return printable(name, MAX_NAME);
    }

    /** A list of such names. */
    static String ofNames(String names) {
        return printable(names, MAX_MESSAGE);
    }

    private static String printable(String text, int length) {
        String cut = text.length() <= length ? text : text.substring(0, length) + "...";
        return cut.replaceAll("\\p{Cntrl}|\\p{Cf}", "?");
    }
}

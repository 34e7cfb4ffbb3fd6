package org.capi.savedmodels;

/** The part of TensorFlow's message that a user can read. */
final class FirstLine {

    private FirstLine() {}

    static String of(Throwable failure) {
        String message = String.valueOf(failure.getMessage());
        int end = message.indexOf('\n');
        return (end < 0 ? message : message.substring(0, end)).replaceAll("\\s*(\\{\\{|\\[\\[).*", "");
    }
}

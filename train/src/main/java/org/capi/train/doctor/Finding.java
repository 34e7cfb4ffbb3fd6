package org.capi.train.doctor;

import org.jspecify.annotations.Nullable;

/**
 * One line of an examination.
 *
 * @param advice what to do about it, or null when all is well
 */
public record Finding(
        String subject, String state, @Nullable String advice) {

    static Finding fine(String subject, String state) {
        return new Finding(subject, state, null);
    }

    static Finding fault(String subject, String state, String advice) {
        return new Finding(subject, state, advice);
    }

    /** As it is printed. */
    public String line() {
        String start = (advice == null ? "ok    " : "look  ") + subject + ": " + state;
        return advice == null ? start : start + System.lineSeparator() + "      -> " + advice;
    }
}

package org.capi.data;

/** Refuses settings that are out of range. */
public final class Require {

    private Require() {}

    /** Refuses a number below 1; the message has the name by which the user gives it. */
    public static void atLeastOne(String name, long value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + " must be at least 1, was " + value);
        }
    }
}

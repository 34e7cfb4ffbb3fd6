package org.capi.train.config;

/** The checks that several sections share; a message gives the full key, the rule and the value. */
final class Rule {

    private Rule() {}

    static void atLeast(String key, long smallest, long value) {
        check(value >= smallest, key, "must be at least " + smallest, value);
    }

    static void positive(String key, double value) {
        check(value > 0, key, "must be greater than 0", value);
    }

    static void notNegative(String key, double value) {
        check(value >= 0, key, "must not be negative", value);
    }

    /** From 0 up to, and without, 1. */
    static void belowOne(String key, double value) {
        check(value >= 0 && value < 1, key, "must be at least 0 and less than 1", value);
    }

    /** From 0 to 1, both included. */
    static void fraction(String key, double value) {
        check(value >= 0 && value <= 1, key, "must lie between 0 and 1", value);
    }

    static void check(boolean holds, String key, String rule, Object value) {
        if (!holds) {
            throw new IllegalArgumentException(key + " " + rule + ", was " + value);
        }
    }
}

package org.capi.data;

/** A stream of random numbers, drawn one after the other; tests inject recorded ones. */
public interface Draws {

    /** A number from {@code low} (inclusive) to {@code high} (exclusive). */
    double uniform(double low, double high);

    /** A whole number from 0 to {@code bound - 1}. */
    int below(int bound);
}

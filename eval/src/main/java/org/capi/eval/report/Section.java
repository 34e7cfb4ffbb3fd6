package org.capi.eval.report;

/** A part of a report under a heading of its own. */
public sealed interface Section
        permits Facts, Curves, Shares, Table, Gallery, Histograms, ContactSheet, MarkedPictures, ConfusionMatrix {

    /** The heading. */
    String heading();

    /** Writes what stands below the heading. */
    void appendTo(StringBuilder page);
}

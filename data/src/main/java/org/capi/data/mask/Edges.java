package org.capi.data.mask;

/** What a rectangle does at the edges of the grid. */
public enum Edges {
    /** It lies inside the grid. */
    INSIDE,
    /** It is shifted around the grid by random rows and columns, and may come in again on the other side. */
    ROLLED
}

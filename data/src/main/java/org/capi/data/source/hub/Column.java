package org.capi.data.source.hub;

/**
 * A column of a table.
 *
 * @param type what it is, in the words of the file
 */
record Column(String name, Kind kind, String type) {

    /** What a column can be used for. */
    enum Kind {
        /** A structure with {@code bytes}, and perhaps a {@code path}. */
        IMAGE,
        /** Binary data. */
        BYTES,
        /** A whole number. */
        INTEGER,
        /** Text. */
        TEXT,
        /** Something else. */
        OTHER
    }

    boolean holdsImages() {
        return kind == Kind.IMAGE || kind == Kind.BYTES;
    }

    boolean holdsLabels() {
        return kind == Kind.INTEGER || kind == Kind.TEXT;
    }
}

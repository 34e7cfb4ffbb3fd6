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

    private static final int MAX_SHOWN = 120;

    /** A column whose type is described by a file, in words that may span lines. */
    static Column of(String name, Kind kind, String type) {
        return new Column(name, kind, shown(type.replaceAll("\\s+", " ")));
    }

    /** A text of a file, short and without control characters. */
    static String shown(String text) {
        String start = text.length() <= MAX_SHOWN ? text : text.substring(0, MAX_SHOWN) + "...";
        return start.replaceAll("[\\p{Cntrl}\u2028\u2029]", "?");
    }

    boolean holdsImages() {
        return kind == Kind.IMAGE || kind == Kind.BYTES;
    }

    boolean holdsLabels() {
        return kind == Kind.INTEGER || kind == Kind.TEXT;
    }
}

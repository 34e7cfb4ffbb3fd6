package org.capi.data.source;

/** What a collection says an image shows. */
public sealed interface Label {

    /** The image has no label. */
    Label NONE = new None();

    /** No label. */
    record None() implements Label {}

    /** A label that cannot be read; {@code problem} is {@code reason: detail}. */
    record Bad(String problem) implements Label {}

    /** A class by its name; where a collection numbers its classes and names them too, this is what it gives. */
    record Named(String name) implements Label {}

    /** A class by its number, from 0, in a collection that has no names. */
    record Numbered(int number) implements Label {

        public Numbered {
            if (number < 0) {
                throw new IllegalArgumentException("a class number must be at least 0, was " + number);
            }
        }
    }
}

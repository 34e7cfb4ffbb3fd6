package org.capi.data.source;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One image of a collection, not yet decoded.
 *
 * @param name a path below the collection's root, or what identifies the image there
 * @param image the encoded file; read later, perhaps on another thread, and independent of its reader's progress
 * @param labelMap the file with a class for every pixel, or null
 */
public record Entry(
        String name, Content image, Label label, @Nullable Content labelMap) {

    /** Bytes that are read when they are needed; a failure names in one line what is wrong with this entry alone. */
    public interface Content {
        ByteBuffer read() throws IOException;
    }

    /** The class that a collection gives an image. */
    public sealed interface Label {

        Label NONE = new None();

        record None() implements Label {}

        /** A label that cannot be read; {@code problem} is {@code reason: detail}. */
        record Bad(String problem) implements Label {}

        /** A class by its name; also where a collection numbers its classes and names them. */
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

    public static Entry of(String name, Content image, Label label) {
        return new Entry(name, image, label, null);
    }

    /** An entry that cannot be an image; {@code problem} is {@code reason: detail}. */
    public static Entry broken(String name, String problem) {
        return of(name, failing(problem), Label.NONE);
    }

    /** Content that cannot be read; {@code problem} is {@code reason: detail}. */
    public static Content failing(String problem) {
        return () -> {
            throw new IOException(problem);
        };
    }
}

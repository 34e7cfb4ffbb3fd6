package org.capi.data.source;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One image of a collection, before anybody looked at it.
 *
 * @param name a path below the collection's root, or what identifies the image there
 * @param image the encoded file; read later, perhaps on another thread, and independent of its reader's progress
 * @param labelMap the file with a class for every pixel, or null
 */
public record Entry(
        String name, Content image, Label label, @Nullable Content labelMap) {

    /** Bytes that are read when they are needed; a failure says in one line what is wrong with this entry alone. */
    @FunctionalInterface
    public interface Content {
        ByteBuffer read() throws IOException;
    }

    /** An image without a label map. */
    public static Entry of(String name, Content image, Label label) {
        return new Entry(name, image, label, null);
    }

    /** An entry that is known to be no image; {@code problem} is {@code reason: detail}. */
    public static Entry broken(String name, String problem) {
        return of(
                name,
                () -> {
                    throw new IOException(problem);
                },
                Label.NONE);
    }
}

package org.capi.data.source.hub;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.capi.data.files.FileNames;
import org.capi.data.source.Entry;
import org.capi.data.source.FileContent;
import org.jspecify.annotations.Nullable;

/** A cell of an image column: the encoded file, or else the place where it lies. */
record Picture(@Nullable ByteBuffer bytes, @Nullable String path) {

    /** The parts of a structure that is an image. */
    static final String BYTES = "bytes";

    static final String PATH = "path";

    /** Neither bytes nor a path. */
    static final Picture NONE = new Picture(null, null);

    boolean isNone() {
        return bytes == null && path == null;
    }

    /** The end of the path, with which the image's name ends. */
    String fileName() {
        return path == null ? "" : path.substring(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
    }

    /** The encoded file; a path without bytes is looked up below the folder. */
    Entry.Content content(Path folder) {
        ByteBuffer held = bytes;
        if (held != null) {
            return held::duplicate;
        }
        String place = path;
        if (place == null) {
            return () -> {
                throw new IOException("no image: the row has neither bytes nor a path");
            };
        }
        return () -> {
            Path file = file(folder, place);
            if (!Files.isRegularFile(file)) {
                throw new IOException("missing file: the row has no bytes, and there is no " + file);
            }
            return new FileContent(file).read();
        };
    }

    private static Path file(Path folder, String place) throws IOException {
        try {
            return FileNames.below(folder, place);
        } catch (IllegalArgumentException e) {
            throw new IOException("bad path: " + e.getMessage(), e);
        }
    }
}

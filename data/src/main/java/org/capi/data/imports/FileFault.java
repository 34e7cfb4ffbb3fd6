package org.capi.data.imports;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;

/** What a failure with a file is in words: the system's own message may be the file's name alone. */
final class FileFault {

    private FileFault() {}

    static String words(IOException failure) {
        String message = String.valueOf(failure.getMessage());
        if (failure instanceof AccessDeniedException) {
            return "no permission for the file: " + message;
        }
        return failure instanceof NoSuchFileException ? "no such file: " + message : message;
    }
}

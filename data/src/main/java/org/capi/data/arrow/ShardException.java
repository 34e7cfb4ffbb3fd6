package org.capi.data.arrow;

import java.io.IOException;

/** Thrown when a file of a dataset that was opened can no longer be read, or has lost its end; names the file. */
public final class ShardException extends IOException {

    private static final long serialVersionUID = 1L;

    ShardException(String message) {
        super(message);
    }

    ShardException(String message, Throwable cause) {
        super(message, cause);
    }
}

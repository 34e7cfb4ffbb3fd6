package org.capi.savedmodels;

import com.google.protobuf.ByteString;

/**
 * A file that travels with a SavedModel in its folder {@code assets.extra}.
 *
 * @param fileName such as {@code model.json}
 */
public record Asset(String fileName, ByteString content) {

    public Asset {
        if (fileName.isBlank() || fileName.contains("/")) {
            throw new IllegalArgumentException("an asset needs a plain file name, was '" + fileName + "'");
        }
    }

    /** A text in UTF-8. */
    public static Asset text(String fileName, String content) {
        return new Asset(fileName, ByteString.copyFromUtf8(content));
    }
}

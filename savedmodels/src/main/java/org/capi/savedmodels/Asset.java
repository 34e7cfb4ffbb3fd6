package org.capi.savedmodels;

/**
 * A text that travels with a SavedModel in its folder {@code assets.extra}.
 *
 * @param fileName such as {@code model.json}
 */
public record Asset(String fileName, String content) {

    public Asset {
        if (fileName.isBlank() || fileName.contains("/")) {
            throw new IllegalArgumentException("an asset needs a plain file name, was '" + fileName + "'");
        }
    }
}

package org.capi.eval.report;

import java.util.Base64;

/**
 * A picture that lies in the page itself.
 *
 * @param uri its file as a {@code data:} address
 */
public record InlinePicture(String uri) {

    /** Takes the bytes of a PNG file. */
    public static InlinePicture png(byte[] file) {
        return new InlinePicture("data:image/png;base64," + Base64.getEncoder().encodeToString(file));
    }

    /** Takes the bytes of a JPEG file. */
    public static InlinePicture jpeg(byte[] file) {
        return new InlinePicture("data:image/jpeg;base64," + Base64.getEncoder().encodeToString(file));
    }
}

package org.capi.data.source.hub;

import java.io.IOException;

/** A tar archive cannot be read any further; the message is {@code reason: detail}. */
final class TarDamage extends IOException {

    private static final long serialVersionUID = 1;

    TarDamage(String message) {
        super(message);
    }
}

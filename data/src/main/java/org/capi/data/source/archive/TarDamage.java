package org.capi.data.source.archive;

import java.io.IOException;
import java.nio.file.Path;

/** A tar archive cannot be read any further; the message is {@code reason: detail}. */
public final class TarDamage extends IOException {

    private static final long serialVersionUID = 1;

    private final Kind kind;
    private final String detail;

    public enum Kind {
        /** It ends after a whole member, without the end mark. */
        NO_END_MARK("cut off"),
        CUT_OFF("cut off"),
        DAMAGED("damaged"),
        /** Its compressed data cannot be unpacked. */
        NOT_UNPACKED("damaged or cut off");

        private final String words;

        Kind(String words) {
            this.words = words;
        }
    }

    TarDamage(Kind kind, String detail) {
        super(kind.words.replace(' ', '-') + " archive: " + detail);
        this.kind = kind;
        this.detail = detail;
    }

    Kind kind() {
        return kind;
    }

    /** The message about an archive as a whole. */
    String ofArchive(Path archive) {
        return "the archive " + archive + " is " + kind.words + ": " + detail;
    }
}

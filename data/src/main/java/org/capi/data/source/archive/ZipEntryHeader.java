package org.capi.data.source.archive;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.capi.data.source.FileContent;

/**
 * One entry in the directory of a zip archive.
 *
 * @param offset where the archive says that the entry begins
 */
record ZipEntryHeader(
        String path, boolean link, boolean encrypted, int method, int crc, long packed, long size, long offset) {

    static final int STORED = 0;
    static final int DEFLATED = 8;

    private static final int DOS = 0;
    private static final int ENCRYPTED = 1;
    private static final int LINK = 0xA000;
    private static final int FILE_TYPE = 0xF000;
    private static final int LARGE = 1; // the extra field with sizes of 64 bits
    private static final int IN_EXTRA = -1;

    static ZipEntryHeader of(ByteBuffer fixed, byte[] name, ByteBuffer extra) {
        ByteBuffer large = large(extra);
        long size = size(fixed.getInt(24), large);
        long packed = size(fixed.getInt(20), large);
        long offset = size(fixed.getInt(42), large);
        int system = Byte.toUnsignedInt(fixed.get(5));
        String path = decode(name);
        return new ZipEntryHeader(
                system == DOS ? path.replace('\\', '/') : path,
                system != DOS && (fixed.getInt(38) >>> 16 & FILE_TYPE) == LINK,
                (fixed.getShort(8) & ENCRYPTED) != 0,
                Short.toUnsignedInt(fixed.getShort(10)),
                fixed.getInt(16),
                packed,
                size,
                offset);
    }

    boolean isFolder() {
        return path.endsWith("/");
    }

    /** Why its bytes cannot be had; empty where they can. */
    String problem() {
        if (link) {
            return "a link: links in an archive are not followed";
        }
        if (encrypted) {
            return "encrypted: entries with a password are not read";
        }
        if (method != STORED && method != DEFLATED) {
            return "packed in another way: stored and deflated entries are read, this one has method " + method;
        }
        return FileContent.problem(Math.max(size, packed));
    }

    private static ByteBuffer large(ByteBuffer extra) {
        while (extra.remaining() >= 4) {
            int kind = Short.toUnsignedInt(extra.getShort());
            int length = Math.min(Short.toUnsignedInt(extra.getShort()), extra.remaining());
            if (kind == LARGE) {
                return extra.slice(extra.position(), length).order(extra.order());
            }
            extra.position(extra.position() + length);
        }
        return extra.slice(extra.limit(), 0);
    }

    private static long size(int value, ByteBuffer large) {
        return value == IN_EXTRA && large.remaining() >= 8 ? large.getLong() : Integer.toUnsignedLong(value);
    }

    /** UTF-8, or where it is not, what DOS wrote. */
    private static String decode(byte[] name) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(name))
                    .toString();
        } catch (CharacterCodingException e) {
            Charset dos = Charset.isSupported("IBM437") ? Charset.forName("IBM437") : StandardCharsets.ISO_8859_1;
            return new String(name, dos);
        }
    }
}

package org.capi.data.source.archive;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import org.capi.data.files.FileNames;
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
    private static final int UNICODE_PATH = 0x7075; // the extra field with a name in UTF-8
    private static final int UNICODE_HEAD = 5; // its version and the checksum of the name that it stands for
    private static final int IN_EXTRA = -1;

    static ZipEntryHeader of(ByteBuffer fixed, byte[] name, ByteBuffer extra) {
        ByteBuffer large = field(extra, LARGE);
        long size = size(fixed.getInt(24), large);
        long packed = size(fixed.getInt(20), large);
        long offset = size(fixed.getInt(42), large);
        int system = Byte.toUnsignedInt(fixed.get(5));
        String path = path(name, field(extra, UNICODE_PATH));
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
        if (size < 0 || packed < 0 || offset < 0) {
            return "damaged: the archive's directory gives it " + packed + " packed and " + size
                    + " unpacked bytes at byte " + offset;
        }
        return FileContent.problem(Math.max(size, packed));
    }

    /** The contents of the first extra field of a kind; empty where there is none. */
    private static ByteBuffer field(ByteBuffer extra, int kind) {
        int at = 0;
        while (extra.limit() - at >= 4) {
            int length = Math.min(Short.toUnsignedInt(extra.getShort(at + 2)), extra.limit() - at - 4);
            if (Short.toUnsignedInt(extra.getShort(at)) == kind) {
                return extra.slice(at + 4, length).order(extra.order());
            }
            at += 4 + length;
        }
        return extra.slice(extra.limit(), 0);
    }

    /** The name in UTF-8 that an extra field gives, as long as it is of this very name; else the name itself. */
    private static String path(byte[] name, ByteBuffer unicode) {
        var crc = new CRC32();
        crc.update(name);
        if (unicode.remaining() <= UNICODE_HEAD || unicode.get(0) != 1 || unicode.getInt(1) != (int) crc.getValue()) {
            return decode(name);
        }
        byte[] utf8 = new byte[unicode.remaining() - UNICODE_HEAD];
        unicode.get(UNICODE_HEAD, utf8);
        return FileNames.decode(utf8);
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

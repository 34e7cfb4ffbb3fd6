package org.capi.data.source.archive;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.capi.data.files.FileNames;
import org.capi.data.source.FileContent;
import org.capi.data.source.archive.ArchiveFile.Member;
import org.capi.data.source.archive.ArchiveFile.Members;
import org.jspecify.annotations.Nullable;

/**
 * A zip archive by its directory, read entry by entry: the readers of commons-compress and the JDK keep all of a
 * directory in memory (that of commons-compress 490 MB for a million entries), and refuse an archive for one bad entry.
 */
final class ZipMembers implements Members {

    private static final int END = 0x06054B50;
    private static final int END_BYTES = 22;
    private static final int LOCATOR = 0x07064B50;
    private static final int LOCATOR_BYTES = 20;
    private static final int END64 = 0x06064B50;
    private static final int END64_BYTES = 56;
    private static final int MAX_COMMENT = 0xFFFF;
    private static final long IN_END64 = 0xFFFFFFFFL;
    private static final int ENTRY = 0x02014B50;
    private static final int ENTRY_BYTES = 46;
    private static final int LOCAL = 0x04034B50;
    private static final int LOCAL_BYTES = 30;

    private static final int STORED = 0;
    private static final int DEFLATED = 8;
    private static final int MAX_RATIO = 1032; // no more can come out of a deflated byte

    private final Path archive;
    private final DataInputStream directory;
    private final long shift;
    private long left;

    private ZipMembers(Path archive, DataInputStream directory, End end) {
        this.archive = archive;
        this.directory = directory;
        this.shift = end.shift;
        this.left = end.entries;
    }

    static ZipMembers open(Path archive) throws IOException {
        FileChannel channel = FileChannel.open(archive);
        try {
            End end = end(channel, archive);
            var in = Channels.newInputStream(channel.position(end.directory));
            return new ZipMembers(archive, new DataInputStream(new BufferedInputStream(in, 1 << 16)), end);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /**
     * The end record, which tells where the directory is.
     *
     * @param directory where the first entry of the directory is
     * @param shift by how much positions in the file exceed those in the archive, when something was put before it
     */
    private record End(long entries, long directory, long shift) {}

    private static End end(FileChannel channel, Path archive) throws IOException {
        long size = channel.size();
        int length = (int) Math.min(size, END_BYTES + MAX_COMMENT + LOCATOR_BYTES);
        ByteBuffer tail = FileContent.read(channel, size - length, length);
        for (int at = length - END_BYTES; at >= 0; at--) {
            if (tail.getInt(at) == END && at + END_BYTES + u16(tail, at + 20) <= length) {
                return end(channel, tail, at, size - length + at, archive);
            }
        }
        throw failure(archive, "is cut off: its directory, at the end of a zip file, is missing");
    }

    private static End end(FileChannel channel, ByteBuffer tail, int at, long position, Path archive)
            throws IOException {
        long entries = u16(tail, at + 10);
        long bytes = u32(tail, at + 12);
        long offset = u32(tail, at + 16);
        long end = position;
        if (u16(tail, at + 4) != 0 && u16(tail, at + 4) != 0xFFFF) {
            throw failure(archive, "is one part of several, which are not read");
        }
        if ((entries == 0xFFFF || bytes == IN_END64 || offset == IN_END64)
                && at >= LOCATOR_BYTES
                && tail.getInt(at - LOCATOR_BYTES) == LOCATOR) {
            end = position - LOCATOR_BYTES - END64_BYTES;
            ByteBuffer end64 = end < 0 ? tail : FileContent.read(channel, end, END64_BYTES);
            if (end < 0 || end64.getInt(0) != END64) {
                throw failure(archive, "is damaged: its large end record is not in its place");
            }
            entries = end64.getLong(32);
            bytes = end64.getLong(40);
            offset = end64.getLong(48);
        }
        long directory = end - bytes;
        if (entries < 0 || bytes < 0 || offset < 0 || directory < offset) {
            throw failure(
                    archive,
                    "is damaged or cut off: its directory of " + bytes + " bytes would begin at byte " + directory
                            + ", by its end record at " + offset);
        }
        return new End(entries, directory, directory - offset);
    }

    @Override
    public @Nullable Member next() throws IOException {
        while (left > 0) {
            left--;
            Header header = header();
            if (!header.path.endsWith("/")) {
                return new Member(header.path, header.problem(), () -> () -> read(header));
            }
        }
        return null;
    }

    @Override
    public void close() throws IOException {
        directory.close();
    }

    private Header header() throws IOException {
        try {
            ByteBuffer fixed = littleEndian(directory.readNBytes(ENTRY_BYTES));
            if (fixed.remaining() < ENTRY_BYTES || fixed.getInt(0) != ENTRY) {
                throw failure(archive, "is damaged: its directory breaks off");
            }
            byte[] name = new byte[u16(fixed, 28)];
            byte[] extra = new byte[u16(fixed, 30)];
            directory.readFully(name);
            directory.readFully(extra);
            directory.skipNBytes(u16(fixed, 32)); // a comment
            return Header.of(fixed, name, littleEndian(extra));
        } catch (EOFException e) {
            throw new IOException("the archive " + archive + " is cut off inside its directory", e);
        }
    }

    /**
     * One entry in the directory.
     *
     * @param offset where the entry begins by the archive
     */
    private record Header(
            String path, boolean link, boolean encrypted, int method, int crc, long packed, long size, long offset) {

        static Header of(ByteBuffer fixed, byte[] name, ByteBuffer extra) {
            ByteBuffer large = field(extra, 1); // sizes of 64 bits
            long size = size(fixed.getInt(24), large);
            long packed = size(fixed.getInt(20), large);
            long offset = size(fixed.getInt(42), large);
            boolean dos = fixed.get(5) == 0;
            String path = path(name, field(extra, 0x7075));
            return new Header(
                    dos ? path.replace('\\', '/') : path,
                    !dos && (fixed.getInt(38) >>> 28) == 0xA,
                    (fixed.getShort(8) & 1) != 0,
                    u16(fixed, 10),
                    fixed.getInt(16),
                    packed,
                    size,
                    offset);
        }

        /** Why its bytes cannot be read; empty where they can. */
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
                int length = Math.min(u16(extra, at + 2), extra.limit() - at - 4);
                if (u16(extra, at) == kind) {
                    return extra.slice(at + 4, length).order(extra.order());
                }
                at += 4 + length;
            }
            return extra.slice(extra.limit(), 0);
        }

        private static long size(int value, ByteBuffer large) {
            return value == -1 && large.remaining() >= 8 ? large.getLong() : Integer.toUnsignedLong(value);
        }

        /** The name in UTF-8 that an extra field gives, as long as it is of this very name; else the name itself. */
        private static String path(byte[] name, ByteBuffer unicode) {
            int head = 5; // a version, and the checksum of the name
            var crc = new CRC32();
            crc.update(name);
            if (unicode.remaining() > head && unicode.get(0) == 1 && unicode.getInt(1) == (int) crc.getValue()) {
                byte[] utf8 = new byte[unicode.remaining() - head];
                unicode.get(head, utf8);
                return FileNames.decode(utf8);
            }
            try {
                return StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(name))
                        .toString();
            } catch (CharacterCodingException e) { // what DOS wrote
                Charset dos = Charset.isSupported("IBM437") ? Charset.forName("IBM437") : StandardCharsets.ISO_8859_1;
                return new String(name, dos);
            }
        }
    }

    private ByteBuffer read(Header header) throws IOException {
        long start = header.offset + shift;
        ByteBuffer local =
                new FileContent.Range(archive, start, LOCAL_BYTES).read().order(ByteOrder.LITTLE_ENDIAN);
        if (local.getInt(0) != LOCAL) {
            throw new IOException("damaged: the archive has no entry at byte " + start);
        }
        long data = start + LOCAL_BYTES + u16(local, 26) + u16(local, 28);
        ByteBuffer packed = new FileContent.Range(archive, data, header.packed).read();
        ByteBuffer bytes = header.method == STORED ? packed : inflated(header, packed);
        var crc = new CRC32();
        crc.update(bytes.duplicate());
        if (bytes.remaining() != header.size || (int) crc.getValue() != header.crc) {
            throw new IOException("damaged: the entry's checksum is wrong");
        }
        return bytes;
    }

    private static ByteBuffer inflated(Header header, ByteBuffer packed) throws IOException {
        if (header.size > MAX_RATIO * (header.packed + 1)) {
            throw new IOException("damaged: " + header.packed + " bytes cannot become " + header.size);
        }
        String problem = FileContent.problemUnpacked(header.size);
        if (!problem.isEmpty()) {
            throw new IOException(problem);
        }
        byte[] bytes = new byte[(int) header.size + 1]; // one more than there should be
        var inflater = new Inflater(true);
        try {
            inflater.setInput(packed);
            int length = 0;
            while (!inflater.finished() && length < bytes.length) {
                int more = inflater.inflate(bytes, length, bytes.length - length);
                if (more == 0 && !inflater.finished()) {
                    throw new IOException("damaged: the packed bytes break off");
                }
                length += more;
            }
            return ByteBuffer.wrap(bytes, 0, length);
        } catch (DataFormatException e) {
            throw new IOException("damaged: the packed bytes are no deflated data (" + e.getMessage() + ")", e);
        } finally {
            inflater.end();
        }
    }

    private static IOException failure(Path archive, String words) {
        return new IOException("the archive " + archive + " " + words);
    }

    private static ByteBuffer littleEndian(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static int u16(ByteBuffer bytes, int at) {
        return Short.toUnsignedInt(bytes.getShort(at));
    }

    private static long u32(ByteBuffer bytes, int at) {
        return Integer.toUnsignedLong(bytes.getInt(at));
    }
}

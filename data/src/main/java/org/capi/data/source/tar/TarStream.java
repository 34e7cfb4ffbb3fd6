package org.capi.data.source.tar;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.capi.data.files.FileNames;
import org.capi.data.source.Entry;
import org.capi.data.source.FileContent;
import org.jspecify.annotations.Nullable;

/**
 * The members of a tar archive, one after another; contents that are not read are passed over without reading them, unless
 * they are compressed. Archives that were joined to one file are read one after another.
 */
public final class TarStream implements Closeable {

    private static final int MAX_ATTRIBUTES = 1 << 20;
    private static final int SPARSE_EXTENDED = 504;
    private static final int BUFFER = 1 << 16;

    private final Path file;
    private final InputStream in;
    private final @Nullable FileChannel channel; // null for a compressed archive
    private long position;
    private long rest; // of the member's contents and their padding
    private String trailing = "";

    private TarStream(Path file, InputStream in, @Nullable FileChannel channel) {
        this.file = file;
        this.in = in;
        this.channel = channel;
    }

    /** Opens an archive, compressed by gzip or not. */
    public static TarStream open(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file);
        try {
            var start = ByteBuffer.allocate(2);
            boolean gzip = channel.read(start, 0) == 2 && start.get(0) == 0x1f && start.get(1) == (byte) 0x8b;
            InputStream in = Channels.newInputStream(channel);
            return gzip ? unpacking(file, gunzip(in)) : new TarStream(file, in, channel);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static InputStream gunzip(InputStream in) throws IOException {
        try {
            return new GZIPInputStream(in, BUFFER);
        } catch (EOFException | ZipException e) {
            throw new TarDamage(TarDamage.Kind.NOT_UNPACKED, "its gzip header cannot be read");
        }
    }

    /** Reads a compressed archive from a stream that unpacks it. */
    public static TarStream unpacking(Path file, InputStream unpacked) {
        return new TarStream(file, unpacked, null);
    }

    /** The next member that is no folder, or null at the end mark. */
    public @Nullable TarMember next() throws IOException {
        String longName = null;
        String longLink = null;
        Attributes attributes = Attributes.NONE;
        while (true) {
            skip(rest);
            rest = 0;
            byte[] block = header();
            if (block == null) {
                return null;
            }
            TarHeader header = TarHeader.parse(block);
            rest = padded(header.contents(), header.name());
            switch (header.type()) {
                case 'L' -> longName = text(attribute(header.size()));
                case 'K' -> longLink = text(attribute(header.size()));
                case 'x', 'X' -> attributes = Attributes.parse(attribute(header.size()));
                case 'g', 'V', 'M', 'N', 'D' -> {} // of all files, or of no file
                default -> {
                    String name = first(attributes.path, longName, header.name());
                    String link = first(attributes.link, longLink, header.link());
                    long size = attributes.size >= 0 && header.hasContents() ? attributes.size : header.contents();
                    rest = padded(size, name);
                    skipSparseMap(header);
                    if (!header.isFolder()) {
                        char type = attributes.sparse ? TarMember.SPARSE : header.type();
                        return new TarMember(name, size, position, link, type);
                    }
                    longName = null;
                    longLink = null;
                    attributes = Attributes.NONE;
                }
            }
        }
    }

    /** Why the contents of a member cannot be read, {@code reason: detail}; empty where they can. */
    public String problem(TarMember member) {
        String problem = member.problem();
        return problem.isEmpty() && channel == null ? FileContent.problemUnpacked(member.size()) : problem;
    }

    /** The contents of the member that {@link #next} gave, if it has no {@link #problem}. */
    public byte[] read(TarMember member) throws IOException {
        byte[] contents = bytes(Math.toIntExact(member.size()));
        rest -= contents.length;
        return contents;
    }

    /** The contents of the member that {@link #next} gave, to be read at any time; those of a compressed archive are read at once. */
    public Entry.Content content(TarMember member) throws IOException {
        if (channel != null) {
            return new FileRange(file, member.offset(), member.size());
        }
        byte[] contents = read(member);
        return () -> ByteBuffer.wrap(contents);
    }

    public boolean isCompressed() {
        return channel == null;
    }

    /** What follows the end mark and is not read, in words; empty before the end, and where nothing does. */
    public String trailing() {
        return trailing;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    /** The next block that is not zero; null at the end of an archive that has an end mark. */
    private byte @Nullable [] header() throws IOException {
        byte[] block = new byte[TarHeader.BLOCK];
        boolean ended = false;
        while (true) {
            long start = position;
            int length = fill(block);
            if (isZero(block, length)) {
                if (length == TarHeader.BLOCK) {
                    ended = true;
                    continue;
                }
                if (ended) {
                    return null;
                }
                throw length == 0 ? noEndMark() : cutOff();
            }
            if (ended && (length < TarHeader.BLOCK || !TarHeader.isHeader(block))) {
                trailing = (channel == null ? "bytes" : channel.size() - start + " bytes")
                        + " that are no tar archive follow the end mark of " + file + " at byte " + start
                        + " and are passed over";
                return null;
            }
            if (length < TarHeader.BLOCK) {
                throw cutOff();
            }
            return block;
        }
    }

    private void skipSparseMap(TarHeader header) throws IOException {
        boolean more = header.extended();
        while (more) {
            more = bytes(TarHeader.BLOCK)[SPARSE_EXTENDED] != 0;
        }
    }

    private byte[] attribute(long size) throws IOException {
        if (size > MAX_ATTRIBUTES) {
            throw TarHeader.damage(size + " bytes of attributes before byte " + position);
        }
        byte[] bytes = bytes((int) size);
        rest -= size;
        return bytes;
    }

    private byte[] bytes(int count) throws IOException {
        if (channel != null && count > channel.size() - channel.position()) {
            throw cutOff();
        }
        byte[] bytes = new byte[count];
        if (fill(bytes) < count) {
            throw cutOff();
        }
        return bytes;
    }

    private int fill(byte[] bytes) throws IOException {
        try {
            int length = in.readNBytes(bytes, 0, bytes.length);
            position += length;
            return length;
        } catch (IOException | RuntimeException e) {
            throw damage(e);
        }
    }

    private void skip(long count) throws IOException {
        if (channel != null && count > channel.size() - channel.position()) {
            throw cutOff();
        }
        try {
            if (channel == null) {
                in.skipNBytes(count);
            } else {
                channel.position(channel.position() + count);
            }
            position += count;
        } catch (IOException | RuntimeException e) {
            throw damage(e);
        }
    }

    private TarDamage noEndMark() {
        return new TarDamage(TarDamage.Kind.NO_END_MARK, "it ends after byte " + position + " without an end mark");
    }

    private TarDamage cutOff() {
        return new TarDamage(TarDamage.Kind.CUT_OFF, "it ends after byte " + position + " without an end mark");
    }

    /** What a failure to read means: the fault of a disk, or of compressed data. */
    private IOException damage(Exception e) {
        if (channel != null) {
            return e instanceof IOException failure ? failure : new IOException(e);
        }
        return e instanceof EOFException
                ? cutOff()
                : new TarDamage(
                        TarDamage.Kind.NOT_UNPACKED,
                        "after " + position + " unpacked bytes: "
                                + Objects.requireNonNullElse(
                                        e.getMessage(), e.getClass().getSimpleName()));
    }

    private static long padded(long size, String name) throws TarDamage {
        if (size > Long.MAX_VALUE - TarHeader.BLOCK) {
            throw TarHeader.damage(FileNames.shown(name) + " has a size of " + size + " bytes");
        }
        return (size + TarHeader.BLOCK - 1) / TarHeader.BLOCK * TarHeader.BLOCK;
    }

    private static boolean isZero(byte[] block, int length) {
        for (int i = 0; i < length; i++) {
            if (block[i] != 0) {
                return false;
            }
        }
        return true;
    }

    private static String text(byte[] bytes) {
        int end = 0;
        while (end < bytes.length && bytes[end] != 0) {
            end++;
        }
        return FileNames.decode(Arrays.copyOf(bytes, end));
    }

    private static String first(@Nullable String attribute, @Nullable String longer, String plain) {
        if (attribute != null) {
            return attribute;
        }
        return longer != null ? longer : plain;
    }

    /** What an extended header says about the member that follows; a size of -1 is not given. */
    private record Attributes(
            @Nullable String path, @Nullable String link, long size, boolean sparse) {

        static final Attributes NONE = new Attributes(null, null, -1, false);

        /** Reads records of the form {@code "27 path=some/name\n"}. */
        static Attributes parse(byte[] bytes) throws TarDamage {
            String path = null;
            String sparsePath = null;
            String link = null;
            long size = -1;
            boolean sparse = false;
            int at = 0;
            try {
                while (at < bytes.length && bytes[at] != 0) {
                    int space = at;
                    while (bytes[space] != ' ') {
                        space++;
                    }
                    int length = Integer.parseInt(FileNames.decode(Arrays.copyOfRange(bytes, at, space)));
                    if (length <= space - at + 1 || length > bytes.length - at) {
                        throw TarHeader.damage("an extended header has a record of " + length + " bytes");
                    }
                    String record = FileNames.decode(Arrays.copyOfRange(bytes, space + 1, at + length - 1));
                    String key = record.substring(0, Math.max(record.indexOf('='), 0));
                    String value = record.substring(record.indexOf('=') + 1);
                    switch (key) {
                        case "path" -> path = value;
                        case "linkpath" -> link = value;
                        case "size" -> size = Long.parseLong(value);
                        case "GNU.sparse.name" -> sparsePath = value;
                        default -> {}
                    }
                    sparse |= key.startsWith("GNU.sparse.");
                    at += length;
                }
            } catch (NumberFormatException | IndexOutOfBoundsException e) {
                throw TarHeader.damage("an extended header cannot be read");
            }
            return new Attributes(sparsePath != null ? sparsePath : path, link, size, sparse);
        }
    }
}

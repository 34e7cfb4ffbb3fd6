package org.capi.data.source.archive;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.capi.data.files.FileNames;
import org.capi.data.source.Entry;
import org.capi.data.source.FileContent;
import org.capi.data.source.archive.TarDamage.Kind;
import org.capi.data.source.archive.TarHeader.Attributes;
import org.jspecify.annotations.Nullable;

/**
 * The members of a tar archive, one after another; contents that are not read are skipped without reading them, unless
 * they are compressed. Archives that were joined to one file are read one after another.
 *
 * <p>The reader of commons-compress does not tell a cut-off archive from one without an end mark, nor where it is
 * damaged, reads names that are not UTF-8 with a loss, and stops at the end mark.
 */
public final class TarStream implements Closeable {

    private static final int BLOCK = TarHeader.BLOCK;
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

    /**
     * A file, link or device in a tar archive.
     *
     * @param size the bytes of its contents in the archive
     * @param offset where these begin in the archive, once unpacked
     * @param link what a link leads to, as the archive spells it; empty for what is no link
     * @param type the type flag
     */
    public record TarMember(String name, long size, long offset, String link, char type) {

        /** Whether another name stands for the contents. */
        public boolean isLink() {
            return type == TarHeader.HARD_LINK || type == TarHeader.SYMBOLIC_LINK;
        }

        /** The member that a link leads to, as a path below the archive's top; the archive need not hold it. */
        public String target() {
            return type == TarHeader.HARD_LINK || link.startsWith("/")
                    ? FileNames.normal(link)
                    : FileNames.normal(name.substring(0, name.lastIndexOf('/') + 1) + link);
        }
    }

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
            throw new TarDamage(Kind.NOT_UNPACKED, "its gzip header cannot be read");
        }
    }

    static TarStream unpacking(Path file, InputStream unpacked) {
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
                case 'L' -> longName = attribute(header.size());
                case 'K' -> longLink = attribute(header.size());
                case 'x', 'X' -> attributes = Attributes.parse(attributes(header.size()));
                case 'g', 'V', 'M', 'N', 'D' -> {} // of all files, or of no file
                default -> {
                    String name = first(attributes.path(), longName, header.name());
                    String link = first(attributes.link(), longLink, header.link());
                    long size = attributes.size() >= 0 && header.hasContents() ? attributes.size() : header.contents();
                    rest = padded(size, name);
                    boolean more = header.extended(); // of the map of a sparse file
                    while (more) {
                        more = bytes(BLOCK)[SPARSE_EXTENDED] != 0;
                    }
                    if (!header.isFolder()) {
                        char type = attributes.sparse() ? TarHeader.SPARSE : header.type();
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
        if (member.isLink()) {
            return "a link: links in an archive are not followed, this one leads to " + FileNames.shown(member.link);
        }
        if (member.type == TarHeader.SPARSE) {
            return "a sparse file: such files are not read from an archive";
        }
        if (member.type >= '3' && member.type <= '6') {
            return "not a file: a device or pipe";
        }
        String problem = FileContent.problem(member.size);
        return problem.isEmpty() && isCompressed() ? FileContent.problemUnpacked(member.size) : problem;
    }

    /** The contents of the member that {@link #next} gave, if it has no {@link #problem}. */
    public byte[] read(TarMember member) throws IOException {
        byte[] contents = bytes(Math.toIntExact(member.size));
        rest -= contents.length;
        return contents;
    }

    /**
     * The contents of the member that {@link #next} gave, to be read at any time; those of a compressed archive are
     * read at once.
     */
    public Entry.Content content(TarMember member) throws IOException {
        if (!isCompressed()) {
            return new FileContent.Range(file, member.offset, member.size);
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
        byte[] block = new byte[BLOCK];
        boolean ended = false;
        while (true) {
            long start = position;
            int length = fill(block);
            if (isZero(block, length)) {
                if (length == BLOCK) {
                    ended = true;
                    continue;
                }
                if (ended) {
                    return null;
                }
                throw endsAt(length == 0 ? Kind.NO_END_MARK : Kind.CUT_OFF);
            }
            if (ended && (length < BLOCK || !TarHeader.isHeader(block))) {
                trailing = (channel == null ? "bytes" : channel.size() - start + " bytes")
                        + " that are no tar archive follow the end mark of " + file + " at byte " + start
                        + " and are skipped";
                return null;
            }
            if (length < BLOCK) {
                throw endsAt(Kind.CUT_OFF);
            }
            return block;
        }
    }

    private String attribute(long size) throws IOException {
        byte[] bytes = attributes(size);
        return TarHeader.text(bytes, 0, bytes.length);
    }

    private byte[] attributes(long size) throws IOException {
        if (size > MAX_ATTRIBUTES) {
            throw TarHeader.damage(size + " bytes of attributes before byte " + position);
        }
        byte[] bytes = bytes((int) size);
        rest -= size;
        return bytes;
    }

    private byte[] bytes(int count) throws IOException {
        checkRemaining(count);
        byte[] bytes = new byte[count];
        if (fill(bytes) < count) {
            throw endsAt(Kind.CUT_OFF);
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
        checkRemaining(count);
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

    private void checkRemaining(long count) throws IOException {
        if (channel != null && count > channel.size() - channel.position()) {
            throw endsAt(Kind.CUT_OFF);
        }
    }

    private TarDamage endsAt(Kind kind) {
        return new TarDamage(kind, "it ends after byte " + position + " without an end mark");
    }

    /** What a failure to read means: the fault of a disk, or of compressed data. */
    private IOException damage(Exception e) {
        if (channel != null) {
            return e instanceof IOException failure ? failure : new IOException(e);
        }
        if (e instanceof EOFException) {
            return endsAt(Kind.CUT_OFF);
        }
        String reason = Objects.requireNonNullElse(e.getMessage(), e.getClass().getSimpleName());
        return new TarDamage(Kind.NOT_UNPACKED, "after " + position + " unpacked bytes: " + reason);
    }

    private static long padded(long size, String name) throws TarDamage {
        if (size > Long.MAX_VALUE - BLOCK) {
            throw TarHeader.damage(FileNames.shown(name) + " has a size of " + size + " bytes");
        }
        return (size + BLOCK - 1) / BLOCK * BLOCK;
    }

    private static boolean isZero(byte[] block, int length) {
        for (int i = 0; i < length; i++) {
            if (block[i] != 0) {
                return false;
            }
        }
        return true;
    }

    private static String first(@Nullable String attribute, @Nullable String longer, String plain) {
        return attribute != null ? attribute : longer != null ? longer : plain;
    }
}

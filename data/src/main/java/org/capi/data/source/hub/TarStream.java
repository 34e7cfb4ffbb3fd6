package org.capi.data.source.hub;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/** The files of a tar archive, one after another; what is not read is passed over without reading it, unless compressed. */
final class TarStream implements Closeable {

    private static final int MAX_ATTRIBUTES = 1 << 20;

    private final FileChannel channel;
    private final InputStream in;
    private final boolean compressed;
    private long position;
    private long rest; // of the member's contents and their padding

    private TarStream(FileChannel channel, InputStream in, boolean compressed) {
        this.channel = channel;
        this.in = in;
        this.compressed = compressed;
    }

    /** Opens an archive, compressed by gzip or not. */
    static TarStream open(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        try {
            var start = ByteBuffer.allocate(2);
            boolean gzip = channel.read(start, 0) == 2 && start.get(0) == 0x1f && start.get(1) == (byte) 0x8b;
            InputStream in = Channels.newInputStream(channel);
            return new TarStream(channel, gzip ? new GZIPInputStream(in, 1 << 16) : in, gzip);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** The next file, or null at the end mark; folders and links are passed over. */
    @Nullable
    TarMember next() throws IOException {
        String longName = null;
        Attributes attributes = Attributes.NONE;
        while (true) {
            skip(rest);
            rest = 0;
            byte[] block = bytes(TarHeader.BLOCK);
            if (isZero(block)) {
                return null;
            }
            TarHeader header = header(block);
            long size = attributes.size() >= 0 ? attributes.size() : header.contents();
            rest = padded(size);
            switch (header.type()) {
                case 'L' -> longName = new String(attribute(size), StandardCharsets.UTF_8).replace("\0", "");
                case 'x' -> attributes = Attributes.parse(attribute(size));
                case 'g', 'K' -> {}
                default -> {
                    if (header.isFile()) {
                        String name = attributes.path() != null ? attributes.path() : longName;
                        return new TarMember(name != null ? name : header.name(), size);
                    }
                    longName = null;
                    attributes = Attributes.NONE;
                }
            }
        }
    }

    /** The contents of the file that {@link #next} gave. */
    byte[] read(TarMember member) throws IOException {
        byte[] contents = bytes(Math.toIntExact(member.size()));
        rest -= contents.length;
        return contents;
    }

    @Override
    public void close() throws IOException {
        in.close();
        channel.close();
    }

    private TarHeader header(byte[] block) throws TarDamage {
        try {
            return TarHeader.parse(block);
        } catch (TarDamage e) {
            throw new TarDamage("damaged archive: the header at byte " + (position - TarHeader.BLOCK) + " is none: "
                    + e.getMessage());
        }
    }

    private byte[] attribute(long size) throws IOException {
        if (size > MAX_ATTRIBUTES) {
            throw new TarDamage("damaged archive: " + size + " bytes of attributes before byte " + position);
        }
        byte[] bytes = bytes((int) size);
        rest -= size;
        return bytes;
    }

    private byte[] bytes(int count) throws IOException {
        try {
            byte[] bytes = in.readNBytes(count);
            position += bytes.length;
            if (bytes.length < count) {
                throw cutOff();
            }
            return bytes;
        } catch (EOFException e) {
            throw cutOff();
        } catch (ZipException e) {
            throw damaged(e);
        }
    }

    private void skip(long count) throws IOException {
        try {
            if (compressed) {
                in.skipNBytes(count);
            } else if (channel.position() + count > channel.size()) {
                throw cutOff();
            } else {
                channel.position(channel.position() + count);
            }
            position += count;
        } catch (EOFException e) {
            throw cutOff();
        } catch (ZipException e) {
            throw damaged(e);
        }
    }

    private TarDamage cutOff() {
        return new TarDamage("cut-off archive: it ends after byte " + position + " without an end mark");
    }

    private TarDamage damaged(ZipException e) {
        return new TarDamage("damaged archive: after " + position + " bytes: " + e.getMessage());
    }

    private static long padded(long size) {
        return (size + TarHeader.BLOCK - 1) / TarHeader.BLOCK * TarHeader.BLOCK;
    }

    private static boolean isZero(byte[] block) {
        for (byte value : block) {
            if (value != 0) {
                return false;
            }
        }
        return true;
    }

    /** What an extended header says about the file that follows; a size of -1 is not given. */
    private record Attributes(@Nullable String path, long size) {

        static final Attributes NONE = new Attributes(null, -1);

        /** Reads records of the form {@code "27 path=some/name\n"}. */
        static Attributes parse(byte[] bytes) throws TarDamage {
            String path = null;
            long size = -1;
            int at = 0;
            try {
                while (at < bytes.length && bytes[at] != 0) {
                    int space = at;
                    while (bytes[space] != ' ') {
                        space++;
                    }
                    int length = Integer.parseInt(new String(bytes, at, space - at, StandardCharsets.US_ASCII));
                    String pair = new String(bytes, space + 1, at + length - space - 2, StandardCharsets.UTF_8);
                    if (pair.startsWith("path=")) {
                        path = pair.substring("path=".length());
                    } else if (pair.startsWith("size=")) {
                        size = Long.parseLong(pair.substring("size=".length()));
                    }
                    at += length;
                }
            } catch (NumberFormatException | IndexOutOfBoundsException e) {
                throw new TarDamage("damaged archive: an extended header cannot be read");
            }
            return new Attributes(path, size);
        }
    }
}

package org.capi.data.source.archive;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A zip archive by its directory, read entry by entry: the ready-made readers keep all of a directory in memory. */
final class ZipMembers implements Members {

    private static final int ENTRY = 0x02014B50;
    private static final int ENTRY_BYTES = 46;

    private final Path archive;
    private final DataInputStream directory;
    private final long shift;
    private long left;

    private ZipMembers(Path archive, DataInputStream directory, ZipEnd end) {
        this.archive = archive;
        this.directory = directory;
        this.shift = end.shift();
        this.left = end.entries();
    }

    static ZipMembers open(Path archive) throws IOException {
        FileChannel channel = FileChannel.open(archive);
        try {
            ZipEnd end = ZipEnd.find(channel, archive);
            var in = Channels.newInputStream(channel.position(end.directory()));
            return new ZipMembers(archive, new DataInputStream(new BufferedInputStream(in, 1 << 16)), end);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    @Override
    public @Nullable Member next() throws IOException {
        while (left > 0) {
            left--;
            ZipEntryHeader header = read();
            if (!header.isFolder()) {
                String problem = header.problem();
                return problem.isEmpty()
                        ? new Member(header.path(), "", () -> new ZipContent(archive, header, shift))
                        : Member.broken(header.path(), problem);
            }
        }
        return null;
    }

    private ZipEntryHeader read() throws IOException {
        try {
            ByteBuffer fixed = littleEndian(directory.readNBytes(ENTRY_BYTES));
            if (fixed.remaining() < ENTRY_BYTES || fixed.getInt(0) != ENTRY) {
                throw new IOException("the archive " + archive + " is damaged: its directory breaks off");
            }
            byte[] name = new byte[Short.toUnsignedInt(fixed.getShort(28))];
            byte[] extra = new byte[Short.toUnsignedInt(fixed.getShort(30))];
            directory.readFully(name);
            directory.readFully(extra);
            directory.skipNBytes(Short.toUnsignedInt(fixed.getShort(32))); // a comment
            return ZipEntryHeader.of(fixed, name, littleEndian(extra));
        } catch (EOFException e) {
            throw new IOException("the archive " + archive + " is cut off inside its directory", e);
        }
    }

    private static ByteBuffer littleEndian(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public void close() throws IOException {
        directory.close();
    }
}

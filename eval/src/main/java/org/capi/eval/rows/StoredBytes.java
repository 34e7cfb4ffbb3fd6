package org.capi.eval.rows;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.capi.data.files.DurableFile;
import org.jspecify.annotations.Nullable;

/**
 * Bytes that are written once in order and read at any offset, also more than an array holds. Few are kept on the heap,
 * more in a mapped temporary file that the writer deletes. May be read from several threads at once.
 */
public final class StoredBytes {

    private static final int MAX_ON_HEAP = 1 << 24;
    private static final int PART_BYTES = 1 << 30;

    private final List<ByteBuffer> parts;
    private final int partBytes;
    private final long size;

    private StoredBytes(List<ByteBuffer> parts, int partBytes, long size) {
        this.parts = List.copyOf(parts);
        this.partBytes = partBytes;
        this.size = size;
    }

    /** Maps a whole file, which must not become shorter. */
    public static StoredBytes map(FileChannel channel) throws IOException {
        return map(channel, PART_BYTES);
    }

    private static StoredBytes map(FileChannel channel, int partBytes) throws IOException {
        List<ByteBuffer> parts = new ArrayList<>();
        long size = channel.size();
        for (long from = 0; from < size; from += partBytes) {
            parts.add(channel.map(FileChannel.MapMode.READ_ONLY, from, Math.min(partBytes, size - from)));
        }
        return new StoredBytes(parts, partBytes, size);
    }

    public long size() {
        return size;
    }

    /** Copies {@code count} bytes from an offset to {@code into[at]} and after. */
    public void read(long from, int count, byte[] into, int at) {
        if (from < 0 || count < 0 || count > size - from) {
            throw new IndexOutOfBoundsException("bytes " + from + " to " + (from + count) + " of " + size);
        }
        int done = 0;
        while (done < count) {
            long offset = from + done;
            ByteBuffer part = parts.get(Math.toIntExact(offset / partBytes));
            int inPart = (int) (offset % partBytes);
            int length = Math.min(count - done, part.limit() - inPart);
            part.get(inPart, into, at + done, length);
            done += length;
        }
    }

    public static final class Writer implements AutoCloseable {

        private final Path folder;
        private final int maxOnHeap;
        private final int partBytes;
        private final ByteArrayOutputStream heap = new ByteArrayOutputStream();
        private @Nullable Path file;
        private @Nullable FileChannel channel;

        /** Makes the temporary file in a folder, which is created with it. */
        public Writer(Path folder) {
            this(folder, MAX_ON_HEAP, PART_BYTES);
        }

        Writer(Path folder, int maxOnHeap, int partBytes) {
            this.folder = folder;
            this.maxOnHeap = maxOnHeap;
            this.partBytes = partBytes;
        }

        public void append(byte[] bytes) throws IOException {
            if (channel == null && heap.size() + (long) bytes.length <= maxOnHeap) {
                heap.writeBytes(bytes);
                return;
            }
            if (channel == null) {
                file = Files.createTempFile(Files.createDirectories(folder), ".bytes-", ".tmp");
                channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
                write(channel, file, heap.toByteArray());
                heap.reset();
            }
            write(channel, file, bytes);
        }

        private static void write(FileChannel channel, @Nullable Path file, byte[] bytes) throws IOException {
            ByteBuffer rest = ByteBuffer.wrap(bytes);
            try {
                while (rest.hasRemaining()) {
                    channel.write(rest);
                }
            } catch (IOException e) {
                throw file == null ? e : DurableFile.unwritable(file, e);
            }
        }

        /** All that was appended; nothing may be appended after it. */
        public StoredBytes finish() throws IOException {
            if (channel == null) {
                return new StoredBytes(List.of(ByteBuffer.wrap(heap.toByteArray())), Integer.MAX_VALUE, heap.size());
            }
            return map(channel, partBytes);
        }

        @Override
        public void close() throws IOException {
            if (channel != null) {
                channel.close();
            }
            if (file != null) {
                Files.deleteIfExists(file);
            }
        }
    }
}

package org.capi.data.arrow;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.capi.data.arrow.ImageDataset.ShardException;

/**
 * A file that any thread reads at any position.
 *
 * <p>It is not mapped: access to a mapped file that another process cuts off ends the JVM. An interrupt of a reading
 * thread closes a {@link FileChannel}; then it is opened again.
 */
final class ShardFile implements AutoCloseable {

    private final Path path;
    private volatile FileChannel channel;
    private boolean closed;

    ShardFile(Path path) throws IOException {
        this.path = path;
        this.channel = FileChannel.open(path, StandardOpenOption.READ);
    }

    long size() throws IOException {
        return channel.size();
    }

    /** A copy of a part of the file, in little-endian order; a part that lies beyond the end is refused. */
    ByteBuffer read(long position, int length) throws ShardException {
        ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        boolean interrupted = false;
        try {
            while (bytes.hasRemaining()) {
                FileChannel current = channel;
                try {
                    if (current.read(bytes, position + bytes.position()) < 0) {
                        throw new ShardException(path + " was cut off while it was in use: it has " + current.size()
                                + " bytes, bytes " + position + " to " + (position + length) + " are needed");
                    }
                } catch (ClosedChannelException e) {
                    interrupted |= Thread.interrupted();
                    reopen(current);
                }
            }
        } catch (ShardException e) {
            throw e;
        } catch (IOException e) {
            throw new ShardException(path + " cannot be read: " + e.getMessage(), e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        return bytes.flip();
    }

    private synchronized void reopen(FileChannel old) throws IOException {
        if (closed) {
            throw new IOException("its dataset is closed");
        }
        if (channel == old) {
            channel = FileChannel.open(path, StandardOpenOption.READ);
        }
    }

    @Override
    public synchronized void close() throws IOException {
        closed = true;
        channel.close();
    }
}

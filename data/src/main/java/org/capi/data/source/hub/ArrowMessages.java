package org.capi.data.source.hub;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.apache.arrow.flatbuf.Message;
import org.capi.data.source.FileContent;
import org.jspecify.annotations.Nullable;

/**
 * The messages of an Arrow file one after another, their bodies unread; the file format is the stream format between
 * two marks.
 */
final class ArrowMessages implements Closeable {

    private static final byte[] MAGIC = "ARROW1".getBytes(StandardCharsets.US_ASCII);
    private static final int MAGIC_PADDED = 8;
    private static final int CONTINUATION = -1;
    private static final int MIN_METADATA = 8; // a flatbuffer with one table
    private static final int MAX_METADATA = 64 << 20;

    private final FileChannel channel;
    private long position;
    private long end;
    private boolean marked;

    /**
     * One message.
     *
     * @param body where in the file its body begins
     * @param bodyLength the bytes of its body
     */
    record Found(Message message, long body, long bodyLength) {}

    private ArrowMessages(FileChannel channel, long end) {
        this.channel = channel;
        this.end = end;
    }

    static ArrowMessages open(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file);
        try {
            var messages = new ArrowMessages(channel, channel.size());
            messages.passMagic();
            return messages;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** The next message, or null at the end mark, or where the file ends between two messages. */
    @Nullable
    Found next() throws IOException {
        if (marked || position == end) {
            return null;
        }
        int length = read(position, 4).getInt();
        int prefix = 4;
        if (length == CONTINUATION) { // since format 0.15
            length = read(position + 4, 4).getInt();
            prefix = 8;
        }
        if (length == 0) {
            marked = true;
            return null;
        }
        if (length < MIN_METADATA || length > MAX_METADATA) {
            throw new IOException("there is no Arrow message at byte " + position);
        }
        long body = position + prefix + length;
        ByteBuffer metadata = read(position + prefix, length);
        Message message;
        long bodyLength;
        try {
            message = Message.getRootAsMessage(metadata);
            bodyLength = message.bodyLength();
        } catch (IndexOutOfBoundsException e) {
            throw new IOException("the message at byte " + position + " is damaged", e);
        }
        TableFile.require(
                bodyLength >= 0 && bodyLength <= end - body,
                "the file ends at byte " + end + ", inside a message whose body of " + bodyLength
                        + " bytes starts at byte " + body);
        position = body + bodyLength;
        return new Found(message, body, bodyLength);
    }

    /** Whether the end mark was met, which not every program writes. */
    boolean isMarked() {
        return marked;
    }

    ByteBuffer read(long from, int length) throws IOException {
        TableFile.require(
                from >= 0 && length >= 0 && from <= end - length,
                "the file ends at byte " + end + ", " + length + " bytes from " + from + " are needed");
        return FileContent.read(channel, from, length);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    private void passMagic() throws IOException {
        if (end < MAGIC_PADDED || !isMagic(0)) {
            return;
        }
        long tail = end - MAGIC.length;
        if (tail < MAGIC_PADDED + 4 || !isMagic(tail)) {
            throw new IOException("it begins as an Arrow file but does not end as one");
        }
        int footer = read(tail - 4, 4).getInt();
        TableFile.require(
                footer >= 0 && tail - 4 - footer >= MAGIC_PADDED,
                "its footer of " + footer + " bytes is larger than the file");
        position = MAGIC_PADDED;
        end = tail - 4 - footer;
    }

    private boolean isMagic(long at) throws IOException {
        return read(at, MAGIC.length).equals(ByteBuffer.wrap(MAGIC));
    }
}

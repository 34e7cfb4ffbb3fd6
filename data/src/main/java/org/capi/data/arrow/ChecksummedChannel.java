package org.capi.data.arrow;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.util.zip.CRC32C;

/** A file being written from start to end, and the CRC-32C of what went into it. */
final class ChecksummedChannel implements WritableByteChannel {

    private final FileChannel file;
    private final CRC32C crc = new CRC32C();

    ChecksummedChannel(FileChannel file) {
        this.file = file;
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        ByteBuffer written = source.duplicate();
        int count = file.write(source);
        crc.update(written.limit(written.position() + count));
        return count;
    }

    long checksum() {
        return crc.getValue();
    }

    @Override
    public boolean isOpen() {
        return file.isOpen();
    }

    /** Leaves nothing of the file in the system's buffers only. */
    @Override
    public void close() throws IOException {
        if (file.isOpen()) {
            file.force(true);
            file.close();
        }
    }
}

package org.capi.data.arrow;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;
import org.capi.data.files.DurableFile;

/** A new file being written from start to end, and the CRC-32C of what went into it. */
public final class ChecksummedChannel implements WritableByteChannel {

    private final Path path;
    private final FileChannel file;
    private final CRC32C crc = new CRC32C();

    /** Creates the file, which must not be there. */
    public ChecksummedChannel(Path path) throws IOException {
        this.path = path;
        this.file = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        ByteBuffer written = source.duplicate();
        try {
            int count = file.write(source);
            crc.update(written.limit(written.position() + count));
            return count;
        } catch (IOException e) {
            throw DurableFile.unwritable(path, e);
        }
    }

    /** The CRC-32C of all bytes so far. */
    public long checksum() {
        return crc.getValue();
    }

    /** Leaves nothing of the file in the system's buffers only. */
    public void force() throws IOException {
        try {
            file.force(true);
        } catch (IOException e) {
            throw DurableFile.unwritable(path, e);
        }
    }

    @Override
    public boolean isOpen() {
        return file.isOpen();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}

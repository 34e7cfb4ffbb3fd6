package org.capi.data.source.archive;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.capi.data.source.Entry;
import org.capi.data.source.FileContent;
import org.capi.data.source.tar.FileRange;

/** The bytes of an entry of a zip archive. */
record ZipContent(Path archive, ZipEntryHeader header, long shift) implements Entry.Content {

    private static final int LOCAL = 0x04034B50;
    private static final int LOCAL_BYTES = 30;
    private static final int MAX_RATIO = 1032; // no more can come out of a deflated byte

    @Override
    public ByteBuffer read() throws IOException {
        long start = header.offset() + shift;
        ByteBuffer local = new FileRange(archive, start, LOCAL_BYTES).read().order(ByteOrder.LITTLE_ENDIAN);
        if (local.getInt(0) != LOCAL) {
            throw new IOException("damaged: the archive has no entry at byte " + start);
        }
        long data =
                start + LOCAL_BYTES + Short.toUnsignedInt(local.getShort(26)) + Short.toUnsignedInt(local.getShort(28));
        ByteBuffer packed = new FileRange(archive, data, header.packed()).read();
        ByteBuffer bytes = header.method() == ZipEntryHeader.STORED ? packed : inflated(packed);
        var crc = new CRC32();
        crc.update(bytes.duplicate());
        if (bytes.remaining() != header.size() || (int) crc.getValue() != header.crc()) {
            throw new IOException("damaged: the entry's checksum is wrong");
        }
        return bytes;
    }

    private ByteBuffer inflated(ByteBuffer packed) throws IOException {
        if (header.size() > MAX_RATIO * (header.packed() + 1)) {
            throw new IOException("damaged: " + header.packed() + " bytes cannot become " + header.size());
        }
        String problem = FileContent.problemUnpacked(header.size());
        if (!problem.isEmpty()) {
            throw new IOException(problem);
        }
        byte[] bytes = new byte[(int) header.size() + 1]; // one more than there should be
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
}

package org.capi.data.source.archive;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.capi.data.source.Entry;
import org.jspecify.annotations.Nullable;

/** A tar archive that can only be read onwards: the bytes of a member are taken when it is met. */
final class CompressedTar implements Members {

    private final Path archive;
    private final TarArchiveInputStream tar;

    CompressedTar(Path archive, InputStream unpacked) {
        this.archive = archive;
        this.tar = new TarArchiveInputStream(unpacked, TarMember.NAMES);
    }

    @Override
    public @Nullable Member next() throws IOException {
        TarArchiveEntry header;
        do {
            header = TarMember.header(tar, archive);
            if (header == null) {
                return null;
            }
        } while (header.isDirectory());
        int length = (int) Math.min(Integer.MAX_VALUE, header.getSize());
        return TarMember.of(header, () -> content(length));
    }

    private Entry.Content content(int length) throws IOException {
        byte[] bytes;
        try {
            bytes = tar.readNBytes(length);
            if (bytes.length < length) {
                throw new EOFException("a member ends early");
            }
        } catch (IOException | RuntimeException e) {
            throw TarMember.damaged(archive, e);
        }
        return () -> ByteBuffer.wrap(bytes);
    }

    @Override
    public void close() throws IOException {
        tar.close();
    }
}

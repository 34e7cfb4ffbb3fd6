package org.capi.data.source.archive;

import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;

/** A tar archive that is not compressed: from header to header without reading what lies between. */
final class SeekableTar implements Members {

    private static final Logger log = LogManager.getLogger(SeekableTar.class);

    private static final int BLOCK = 512;

    private final Path archive;
    private final FileChannel channel;
    private final long size;
    private long position; // of the next header

    SeekableTar(Path archive) throws IOException {
        this.archive = archive;
        this.channel = FileChannel.open(archive);
        this.size = channel.size();
    }

    @Override
    public @Nullable Member next() throws IOException {
        while (position < size) {
            // The library's stream would read what it could jump over: every header gets a stream of its own.
            var tar = new TarArchiveInputStream(Channels.newInputStream(channel.position(position)), TarMember.NAMES);
            TarArchiveEntry header = TarMember.header(tar, archive);
            if (header == null) {
                checkEnd();
                return null;
            }
            long offset = position + tar.getBytesRead();
            long length = header.isDirectory() ? 0 : header.getSize();
            if (length > size - offset) {
                throw new IOException("the archive " + archive + " is cut off inside " + header.getName());
            }
            position = offset + (length + BLOCK - 1) / BLOCK * BLOCK;
            if (!header.isDirectory()) {
                return TarMember.of(header, () -> new FileRange(archive, offset, length));
            }
        }
        log.warn("the archive {} has no end mark: it may be cut off after its last whole member", archive);
        return null;
    }

    private void checkEnd() throws IOException {
        if (size - position < BLOCK) {
            throw new IOException("the archive " + archive + " is cut off inside a header");
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}

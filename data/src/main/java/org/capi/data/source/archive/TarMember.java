package org.capi.data.source.archive;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.capi.data.source.FileContent;
import org.jspecify.annotations.Nullable;

/** What a header of a tar archive says of the member behind it. */
final class TarMember {

    static final String NAMES = StandardCharsets.UTF_8.name();

    private TarMember() {}

    /** Reads on to the next header; null at the end of the archive. */
    static @Nullable TarArchiveEntry header(TarArchiveInputStream tar, Path archive) throws IOException {
        TarArchiveEntry header;
        try {
            header = tar.getNextEntry();
        } catch (IOException | RuntimeException e) {
            throw damaged(archive, e);
        }
        if (header != null && !header.isCheckSumOK()) {
            throw new IOException("the archive " + archive + " is damaged: a header has a wrong checksum, it names "
                    + header.getName());
        }
        return header;
    }

    static IOException damaged(Path archive, Exception cause) {
        return new IOException("the archive " + archive + " is damaged or cut off: " + cause.getMessage(), cause);
    }

    static Member of(TarArchiveEntry header, Member.Bytes bytes) {
        String problem = problem(header);
        return problem.isEmpty() ? new Member(header.getName(), "", bytes) : Member.broken(header.getName(), problem);
    }

    private static String problem(TarArchiveEntry header) {
        if (header.isLink() || header.isSymbolicLink()) {
            return "a link: links in an archive are not followed, this one leads to " + header.getLinkName();
        }
        if (header.isSparse()) {
            return "a sparse file: such files are not read from an archive";
        }
        if (header.isFIFO() || header.isCharacterDevice() || header.isBlockDevice()) {
            return "not a file: a device or pipe";
        }
        return FileContent.problem(header.getSize());
    }
}

package org.capi.data.source.archive;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.apache.commons.io.function.IOSupplier;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.capi.data.files.GitLfs;
import org.capi.data.source.Entry;
import org.capi.data.source.archive.TarStream.TarMember;
import org.jspecify.annotations.Nullable;
import org.tukaani.xz.XZInputStream;

/** An archive file and how it is packed, as its first bytes tell. */
record ArchiveFile(Path path, Packing packing) {

    private static final Logger log = LogManager.getLogger(ArchiveFile.class);
    private static final int BUFFER = 1 << 16;
    private static final int XZ_MEMORY_KIB = 1 << 20;

    /** The archives that are read, with their first bytes; every other file must be a plain tar archive. */
    enum Packing {
        ZIP("PK\3\4"),
        EMPTY_ZIP("PK\5\6"),
        TAR_GZ("\u001F\u008B"),
        TAR_BZ2("BZh"),
        TAR_XZ("\u00FD7zXZ\0"),
        TAR("");

        private final String magic;

        Packing(String magic) {
            this.magic = magic;
        }

        static Packing of(byte[] start) {
            String text = new String(start, StandardCharsets.ISO_8859_1);
            return Arrays.stream(values())
                    .filter(packing -> text.startsWith(packing.magic))
                    .findFirst()
                    .orElse(TAR);
        }

        boolean isZip() {
            return this == ZIP || this == EMPTY_ZIP;
        }
    }

    /** The files and links of an archive in their order, one at a time. */
    interface Members extends AutoCloseable {

        /** The next one, or null at the end. */
        @Nullable
        Member next() throws IOException;

        /** What follows the end and is not read, in words; empty before the end, and where nothing does. */
        default String trailing() {
            return "";
        }

        @Override
        void close() throws IOException;
    }

    /**
     * A file or link in an archive.
     *
     * @param path as the archive spells it
     * @param problem why its bytes cannot be read, {@code reason: detail}; empty where they can
     * @param bytes to be called before the archive's next member
     */
    record Member(String path, String problem, IOSupplier<Entry.Content> bytes) {}

    /** Looks at the first bytes of a file; one that is no archive is refused. */
    static ArchiveFile open(Path path) throws IOException {
        if (!Files.exists(path)) {
            throw new IllegalArgumentException("no such archive: " + path);
        }
        if (Files.isDirectory(path)) {
            throw new IllegalArgumentException(
                    path + " is a folder, not an archive; --source imagefolder reads folders");
        }
        byte[] start;
        try (InputStream in = Files.newInputStream(path)) {
            start = in.readNBytes(TarHeader.BLOCK);
        }
        if (GitLfs.isPointer(ByteBuffer.wrap(start))) {
            throw new IllegalArgumentException(path + " is " + GitLfs.PROBLEM);
        }
        var file = new ArchiveFile(path, Packing.of(start));
        if (!file.packing.isZip() && !TarHeader.isHeader(file.start())) {
            throw new IllegalArgumentException(
                    path + " is not an archive that can be read (tar, tar.gz, tar.bz2, tar.xz and zip)");
        }
        return file;
    }

    Members members() throws IOException {
        return packing.isZip()
                ? ZipMembers.open(path)
                : new TarMembers(
                        path, packing == Packing.TAR ? TarStream.open(path) : TarStream.unpacking(path, unpacked()));
    }

    private byte[] start() throws IOException {
        try (InputStream in = unpacked()) {
            return in.readNBytes(TarHeader.BLOCK);
        } catch (IOException | RuntimeException e) {
            throw new IOException(
                    "the archive " + path + " is damaged or cut off: its beginning cannot be unpacked", e);
        }
    }

    private InputStream unpacked() throws IOException {
        InputStream in = new BufferedInputStream(Files.newInputStream(path), BUFFER);
        try {
            return switch (packing) {
                case TAR_GZ -> new BufferedInputStream(new GZIPInputStream(in, BUFFER), BUFFER);
                case TAR_BZ2 -> new BufferedInputStream(new BZip2CompressorInputStream(in, true), BUFFER);
                case TAR_XZ -> new BufferedInputStream(new XZInputStream(in, XZ_MEMORY_KIB), BUFFER);
                default -> in;
            };
        } catch (IOException e) {
            in.close();
            throw e;
        }
    }

    /** A tar archive; one that is damaged anywhere is refused. */
    private record TarMembers(Path archive, TarStream tar) implements Members {

        @Override
        public @Nullable Member next() throws IOException {
            try {
                TarMember member = tar.next();
                return member == null ? null : new Member(member.name(), tar.problem(member), () -> content(member));
            } catch (TarDamage e) {
                if (e.kind() == TarDamage.Kind.NO_END_MARK) {
                    log.warn("the archive {} has no end mark: it may be incomplete", archive);
                    return null;
                }
                throw new IOException(e.ofArchive(archive), e);
            }
        }

        private Entry.Content content(TarMember member) throws IOException {
            try {
                return tar.content(member);
            } catch (TarDamage e) {
                throw new IOException(e.ofArchive(archive), e);
            }
        }

        @Override
        public String trailing() {
            return tar.trailing();
        }

        @Override
        public void close() throws IOException {
            tar.close();
        }
    }
}

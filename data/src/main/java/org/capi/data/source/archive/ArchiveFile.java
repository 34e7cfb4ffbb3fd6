package org.capi.data.source.archive;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarUtils;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.capi.data.files.GitLfs;
import org.capi.data.source.tar.TarStream;
import org.tukaani.xz.XZInputStream;

/** An archive file and how it is packed, as its first bytes tell. */
record ArchiveFile(Path path, Packing packing) {

    private static final int HEADER = 512;
    private static final int BUFFER = 1 << 16;
    private static final int XZ_MEMORY_KIB = 1 << 20;

    /** What archives are read. */
    enum Packing {
        ZIP,
        TAR,
        TAR_GZ,
        TAR_BZ2,
        TAR_XZ
    }

    /** Looks at the first bytes of a file; what is no archive is refused. */
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
            start = in.readNBytes(HEADER);
        }
        if (GitLfs.isPointer(ByteBuffer.wrap(start))) {
            throw new IllegalArgumentException(path + " is " + GitLfs.PROBLEM);
        }
        var file = new ArchiveFile(path, packing(start));
        if (file.packing != Packing.ZIP && !isTar(file.start())) {
            throw new IllegalArgumentException(path + " is no archive that can be read (" + readable() + ")");
        }
        return file;
    }

    /** Starts to read at the first member. */
    Members members() throws IOException {
        return switch (packing) {
            case ZIP -> ZipMembers.open(path);
            case TAR -> new TarMembers(path, TarStream.open(path));
            default -> new TarMembers(path, TarStream.unpacking(path, unpacked()));
        };
    }

    private static Packing packing(byte[] start) {
        if (startsWith(start, 'P', 'K', 3, 4) || startsWith(start, 'P', 'K', 5, 6)) {
            return Packing.ZIP;
        }
        if (startsWith(start, 0x1F, 0x8B)) {
            return Packing.TAR_GZ;
        }
        if (startsWith(start, 'B', 'Z', 'h')) {
            return Packing.TAR_BZ2;
        }
        return startsWith(start, 0xFD, '7', 'z', 'X', 'Z', 0) ? Packing.TAR_XZ : Packing.TAR;
    }

    private static boolean startsWith(byte[] bytes, int... magic) {
        for (int i = 0; i < magic.length; i++) {
            if (i >= bytes.length || bytes[i] != (byte) magic[i]) {
                return false;
            }
        }
        return true;
    }

    private byte[] start() throws IOException {
        try (InputStream in = unpacked()) {
            return in.readNBytes(HEADER);
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

    private static boolean isTar(byte[] start) {
        return start.length == HEADER && TarUtils.verifyCheckSum(start);
    }

    private static String readable() {
        return "tar, tar.gz, tar.bz2, tar.xz and zip";
    }
}

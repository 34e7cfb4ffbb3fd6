package org.capi.data.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.function.LongConsumer;
import java.util.zip.CRC32C;
import org.apache.commons.io.file.PathUtils;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/** Files that are complete or absent, whatever happens to the machine meanwhile, and their checksums. */
public final class DurableFile {

    private static final Logger log = LogManager.getLogger(DurableFile.class);

    /** What systems answer where a folder cannot be flushed at all. */
    private static final List<String> CANNOT_FLUSH =
            List.of("invalid argument", "not supported", "not implemented", "bad file descriptor");

    private DurableFile() {}

    /** The end of the name of a file or folder that is not complete. */
    public static final String PARTIAL = ".partial";

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int BUFFER = 1 << 20;

    /**
     * A name next to a path for what is written before it is moved there, {@code PATH.0123456789abcdef.partial}: no
     * other process has it or can have put a link there, so that nobody moves or writes into what another has written
     * in part.
     */
    public static Path sibling(Path place) {
        return place.resolveSibling(
                place.getFileName() + "." + HexFormat.of().toHexDigits(RANDOM.nextLong()) + PARTIAL);
    }

    /** Writes a file under another name, and renames it once it is on the disk. */
    public static void write(Path file, byte[] content) throws IOException {
        Path partial = sibling(file);
        try (FileChannel channel = FileChannel.open(partial, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            ByteBuffer rest = ByteBuffer.wrap(content);
            while (rest.hasRemaining()) {
                channel.write(rest);
            }
            channel.force(true);
        } catch (IOException e) {
            Files.deleteIfExists(partial);
            throw unwritable(file, e);
        }
        move(partial, file);
    }

    public static void write(Path file, String text) throws IOException {
        write(file, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Moves a file or folder within one file system, and waits until the new name is on the disk. */
    public static void move(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        syncFolder(to.toAbsolutePath().resolveSibling(""));
    }

    /** A failure to write that names the file: the system's message, such as that the disk is full, does not. */
    public static IOException unwritable(Path file, IOException failure) {
        String message = String.valueOf(failure.getMessage());
        return message.contains(file.toString())
                ? failure
                : new IOException("cannot write " + file + ": " + message, failure);
    }

    /**
     * Flushes the names in a folder to the disk, where the file system can: Windows' under WSL2 may not. An error of the
     * disk is thrown.
     */
    public static void syncFolder(Path folder) throws IOException {
        FileChannel opened;
        try {
            opened = FileChannel.open(folder, StandardOpenOption.READ);
        } catch (IOException | UnsupportedOperationException e) {
            log.debug("the folder {} cannot be opened to flush it: {}", folder, e.getMessage());
            return;
        }
        try (FileChannel channel = opened) {
            channel.force(true);
        } catch (IOException e) {
            String reason = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
            if (CANNOT_FLUSH.stream().noneMatch(reason::contains)) {
                throw e;
            }
            log.debug("the folder {} is not flushed: {}", folder, e.getMessage());
        }
    }

    /** Deletes a file, or a folder with its contents, if it exists; links are deleted, not followed. */
    public static void deleteTree(Path root) throws IOException {
        if (Files.exists(root, LinkOption.NOFOLLOW_LINKS)) {
            PathUtils.delete(root);
        }
    }

    public static long crc32c(Path file) throws IOException {
        return crc32c(file, bytes -> {});
    }

    /** The CRC-32C of a file; {@code read} receives the bytes of each part that was read. */
    public static long crc32c(Path file, LongConsumer read) throws IOException {
        var crc = new CRC32C();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer part = ByteBuffer.allocateDirect(BUFFER);
            while (channel.read(part) >= 0) {
                read.accept(part.flip().remaining());
                crc.update(part);
                part.clear();
            }
        }
        return crc.getValue();
    }

    /** A new file that is written from start to end, and the CRC-32C of its bytes. */
    public static final class ChecksummedChannel implements WritableByteChannel {

        private final Path path;
        private final FileChannel file;
        private final CRC32C crc = new CRC32C();

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
                throw unwritable(path, e);
            }
        }

        public long checksum() {
            return crc.getValue();
        }

        public void force() throws IOException {
            try {
                file.force(true);
            } catch (IOException e) {
                throw unwritable(path, e);
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
}

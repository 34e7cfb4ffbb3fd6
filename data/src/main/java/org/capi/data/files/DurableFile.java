package org.capi.data.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.HexFormat;

/** Files that are whole or not there, whatever happens to the machine meanwhile. */
public final class DurableFile {

    private DurableFile() {}

    /** The end of the name of a file or folder that is not complete. */
    public static final String PARTIAL = ".partial";

    private static final SecureRandom RANDOM = new SecureRandom();

    /**
     * A name beside a place for what is written before it is moved there, {@code PLACE.0123456789abcdef.partial}: no other
     * process has it or can have put a link there, so that nobody moves or writes into what another has written in part.
     */
    public static Path beside(Path place) {
        return place.resolveSibling(
                place.getFileName() + "." + HexFormat.of().toHexDigits(RANDOM.nextLong()) + PARTIAL);
    }

    /** Writes a file beside its place, and moves it there once it is on the disk. */
    public static void write(Path file, byte[] content) throws IOException {
        Path beside = beside(file);
        try (FileChannel channel = FileChannel.open(beside, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            ByteBuffer rest = ByteBuffer.wrap(content);
            while (rest.hasRemaining()) {
                channel.write(rest);
            }
            channel.force(true);
        } catch (IOException e) {
            Files.deleteIfExists(beside);
            throw unwritable(file, e);
        }
        move(beside, file);
    }

    /** Writes a text, as {@link #write(Path, byte[])} writes bytes. */
    public static void write(Path file, String text) throws IOException {
        write(file, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Moves a file or folder within one file system, for good. */
    public static void move(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        syncFolder(to.toAbsolutePath().resolveSibling(""));
    }

    /** A failure to write that names the file: what the system says, such as that the disk is full, does not. */
    public static IOException unwritable(Path file, IOException failure) {
        String said = String.valueOf(failure.getMessage());
        return said.contains(file.toString())
                ? failure
                : new IOException("cannot write " + file + ": " + said, failure);
    }

    /** Leaves no name in a folder in the system's buffers only. */
    public static void syncFolder(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}

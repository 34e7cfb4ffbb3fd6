package org.capi.data.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/**
 * A folder that one process works in. The lock is the operating system's, on a file in the folder, so it ends with the
 * process, however that ends; the file stays, with the number of the process that held it last.
 */
public record FolderLock(Path file, FileChannel channel) implements AutoCloseable {

    private static final Logger log = LogManager.getLogger(FolderLock.class);
    private static final int MAX_DIGITS = 20;

    /** Locks of this process: closing a second channel to a locked file would give up the lock. */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    /**
     * Takes a folder, which must exist; one that is taken is refused with the number of the process that holds it.
     *
     * @param file the name of the file in it
     * @param name what messages call the folder, such as {@code the run folder runs/a}
     */
    public static FolderLock take(Path folder, String file, String name) throws IOException {
        FolderLock lock = open(
                folder.toRealPath().resolve(file),
                name,
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
        try {
            lock.channel.truncate(0);
            lock.channel.write(
                    StandardCharsets.US_ASCII.encode(ProcessHandle.current().pid() + "\n"));
            return lock;
        } catch (IOException | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    /** Refuses a folder that is taken, as {@link #take} does, and changes nothing. */
    public static void checkFree(Path folder, String file, String name) throws IOException {
        Path real = folder.toRealPath().resolve(file);
        if (Files.exists(real)) {
            open(real, name, StandardOpenOption.READ, StandardOpenOption.WRITE).close();
        }
    }

    private static FolderLock open(Path file, String name, OpenOption... options) throws IOException {
        if (!HELD.add(file)) {
            throw inUse(name, Long.toString(ProcessHandle.current().pid()));
        }
        FileChannel channel = null;
        try {
            channel = FileChannel.open(file, options);
            if (!lock(channel, name)) {
                throw inUse(name, holder(channel));
            }
            return new FolderLock(file, channel);
        } catch (IOException | RuntimeException e) {
            HELD.remove(file);
            if (channel != null) {
                channel.close();
            }
            throw e;
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
        HELD.remove(file);
    }

    /**
     * Locks a file for this process, whose other locks of the file are an {@link OverlappingFileLockException}. Some
     * network file systems have no locks; there it is left to the user.
     *
     * @return whether no other process holds it
     */
    public static boolean lock(FileChannel channel, String name) {
        try {
            return channel.tryLock() != null;
        } catch (IOException e) {
            log.warn("{} cannot be locked ({}): make sure that no other process uses it", name, e.getMessage());
            return true;
        }
    }

    private static String holder(FileChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(MAX_DIGITS);
        channel.read(bytes, 0);
        String written =
                StandardCharsets.US_ASCII.decode(bytes.flip()).toString().strip();
        return written.matches("\\d+") ? written : "unknown";
    }

    private static IllegalArgumentException inUse(String name, String process) {
        return new IllegalArgumentException(
                name + " is in use by another command, process " + process + "; wait for it or stop it");
    }
}

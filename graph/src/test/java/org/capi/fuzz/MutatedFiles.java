package org.capi.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Gives a parser mutated copies of good files. Each copy must load, or be refused by one line of an {@link IOException}
 * or an {@link IllegalArgumentException}; everything else fails the test and names the file and the mutation, which
 * depends on nothing but the seed.
 */
public final class MutatedFiles {

    private static final int MAX_EDITS = 4;
    private static final int MAX_MESSAGE = 600;
    private static final long[] EDGES = {
        0, 1, -1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, Integer.MAX_VALUE, Integer.MIN_VALUE, Long.MAX_VALUE, Long.MIN_VALUE
    };

    private MutatedFiles() {}

    /** Loads a file; what it allocates on the calling thread is bounded. */
    public interface Parser {

        /** Parses the file, and closes all that it opened. */
        void parse(Path file) throws Exception;
    }

    /**
     * Parses mutated copies of the files in turn, after the files themselves: the first parse loads classes and native
     * libraries, which allocates hundreds of megabytes under a coverage agent, and is not counted.
     *
     * @param folder where the copies are written, one at a time
     * @param copies the number of copies in all
     * @param maxBytes the most heap that parsing one copy may allocate, in bytes
     */
    public static void parseAll(List<Path> files, Path folder, int copies, long maxBytes, Parser parser) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long thread = Thread.currentThread().getId();
        for (Path original : files) {
            parseOnce(original, folder, parser);
        }
        int refused = 0;
        for (int copy = 0; copy < copies; copy++) {
            Path original = files.get(copy % files.size());
            Path file = folder.resolve(copy + "-" + original.getFileName());
            String name = "copy " + copy + " of " + original.getFileName();
            long before = threads.getThreadAllocatedBytes(thread);
            try {
                Files.write(file, mutate(Files.readAllBytes(original), copy));
                before = threads.getThreadAllocatedBytes(thread);
                parser.parse(file);
            } catch (IOException | UncheckedIOException | IllegalArgumentException e) {
                refused++;
                assertThat(e.getMessage())
                        .as(name + ": message of " + e)
                        .isNotBlank()
                        .doesNotContain("\n")
                        .hasSizeLessThan(MAX_MESSAGE);
            } catch (Exception | StackOverflowError | OutOfMemoryError e) {
                throw new AssertionError(name + " is neither read nor refused: " + e, e);
            } finally {
                delete(file);
            }
            assertThat(threads.getThreadAllocatedBytes(thread) - before)
                    .as(name + ": bytes allocated")
                    .isLessThan(maxBytes);
        }
        assertThat(refused).as("refused copies").isPositive();
    }

    /** Parses a copy of a file as it is. A file that is refused is a clean outcome here too. */
    private static void parseOnce(Path original, Path folder, Parser parser) {
        Path file = folder.resolve("original-" + original.getFileName());
        try {
            Files.copy(original, file);
            parser.parse(file);
        } catch (IOException | UncheckedIOException | IllegalArgumentException e) {
            assertThat(e.getMessage()).as("message of " + e).isNotBlank().doesNotContain("\n");
        } catch (Exception e) {
            throw new AssertionError(original + " is neither read nor refused: " + e, e);
        } finally {
            delete(file);
        }
    }

    /** A copy with one to four edits: bits, bytes, integers of both byte orders, cuts, copied and removed ranges. */
    public static byte[] mutate(byte[] bytes, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        byte[] mutated = bytes.clone();
        for (int edit = 1 + random.nextInt(MAX_EDITS); edit > 0 && mutated.length > 0; edit--) {
            int at = random.nextInt(mutated.length);
            int length = 1 + random.nextInt(Math.min(64, mutated.length - at));
            switch (random.nextInt(8)) {
                case 0 -> mutated[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> mutated[at] = (byte) random.nextInt(256);
                case 2, 3 -> setInteger(mutated, at, random);
                case 4 -> mutated = Arrays.copyOf(mutated, at);
                case 5 -> mutated = replace(mutated, at, at + length, new byte[0]);
                case 6 -> mutated = replace(mutated, at, at, Arrays.copyOfRange(mutated, at, at + length));
                default -> setDigits(mutated, at);
            }
        }
        return mutated;
    }

    private static void setInteger(byte[] bytes, int at, SplittableRandom random) {
        int size = 1 << random.nextInt(4);
        if (at + size > bytes.length) {
            return;
        }
        long value = EDGES[random.nextInt(EDGES.length)] + random.nextInt(3) - 1;
        ByteBuffer integer = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        integer.putLong(value);
        boolean bigEndian = random.nextInt(2) == 0;
        for (int i = 0; i < size; i++) {
            bytes[at + i] = integer.get(bigEndian ? size - 1 - i : i);
        }
    }

    /** Makes the number in text at or after a position huge. */
    private static void setDigits(byte[] bytes, int at) {
        int first = at;
        while (first < bytes.length && !Character.isDigit(bytes[first])) {
            first++;
        }
        for (int i = first; i < bytes.length && Character.isDigit(bytes[i]); i++) {
            bytes[i] = (byte) '9';
        }
    }

    private static byte[] replace(byte[] bytes, int from, int to, byte[] by) {
        ByteBuffer result = ByteBuffer.allocate(bytes.length - (to - from) + by.length);
        return result.put(bytes, 0, from)
                .put(by)
                .put(bytes, to, bytes.length - to)
                .array();
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

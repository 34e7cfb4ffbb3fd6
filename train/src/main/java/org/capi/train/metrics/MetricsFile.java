package org.capi.train.metrics;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.capi.data.files.DurableFile;
import org.jspecify.annotations.Nullable;

/**
 * {@code metrics.jsonl}: one line of JSON for each step, in order.
 *
 * <p>What depends on the clock stands under {@code time}, so that two runs with one seed differ there only. Every line is
 * written in one piece and handed to the system at once; a line torn by a crash is dropped when the file is opened again.
 * A loss that is no number is the text {@code "NaN"}.
 */
public final class MetricsFile implements AutoCloseable {

    private static final Logger log = LogManager.getLogger(MetricsFile.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    /** How many bytes wait for a disk that is full, before lines are given up. */
    private static final int MOST_WAITING = 16 << 20;

    private final FileChannel file;
    /** Where the last whole line ends. */
    private long end;

    private final ByteArrayOutputStream waiting = new ByteArrayOutputStream();

    private MetricsFile(FileChannel file) throws IOException {
        this.file = file;
        this.end = file.size();
    }

    /** Starts a file, which must not exist. */
    public static MetricsFile create(Path file) throws IOException {
        return new MetricsFile(FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
    }

    /**
     * Goes on with a file after a step, whose later lines are dropped: they belong to steps that will be made again. Of a
     * damaged file the lines before the damage are kept and the whole file is set aside, a missing one is begun anew, both
     * with a warning: the checkpoint does not depend on it.
     */
    public static MetricsFile continueAfter(Path file, long step) throws IOException {
        byte[] bytes = Files.exists(file) ? Files.readAllBytes(file) : new byte[0];
        Kept kept = kept(bytes, step);
        if (kept.damage != null) {
            Path aside = unusedName(file);
            DurableFile.move(file, aside);
            log.warn(
                    "{} is damaged: {}; it is kept as {}, the lines before go on",
                    file,
                    kept.damage,
                    aside.getFileName());
            DurableFile.write(file, Arrays.copyOf(bytes, kept.end));
        } else if (kept.lastStep < step) {
            log.warn("{} has lines up to step {} only; those up to step {} are lost", file, kept.lastStep, step);
        }
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        channel.truncate(kept.end);
        return new MetricsFile(channel);
    }

    private static Path unusedName(Path file) {
        Path aside = file.resolveSibling(file.getFileName() + ".damaged");
        for (int next = 2; Files.exists(aside); next++) {
            aside = file.resolveSibling(file.getFileName() + ".damaged-" + next);
        }
        return aside;
    }

    /** Adds the line of a step; one that cannot be written now leaves no part of it, and is tried again with the next. */
    public void append(MetricsLine line) throws IOException {
        if (waiting.size() < MOST_WAITING) {
            waiting.writeBytes((line.text() + "\n").getBytes(StandardCharsets.UTF_8));
        }
        flush();
    }

    private void flush() throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(waiting.toByteArray());
        try {
            while (bytes.hasRemaining()) {
                file.write(bytes, end + bytes.position());
            }
        } catch (IOException e) {
            file.truncate(end);
            throw e;
        }
        end += bytes.limit();
        waiting.reset();
    }

    @Override
    public void close() throws IOException {
        try (file) {
            flush();
        }
    }

    /**
     * The lines that stay: those in order up to a step.
     *
     * @param end where they end
     * @param damage what is wrong with the line after them; null if nothing is
     */
    private record Kept(int end, long lastStep, @Nullable String damage) {}

    private static Kept kept(byte[] bytes, long step) {
        int start = 0;
        long last = 0;
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] != '\n') {
                continue;
            }
            long found = stepOf(ByteBuffer.wrap(bytes, start, i - start));
            if (found <= last) {
                return new Kept(start, last, "the line after step " + last + " is that of no later step");
            }
            if (found > step) {
                break;
            }
            last = found;
            start = i + 1;
        }
        return new Kept(start, last, null);
    }

    /** The step of a line; -1 if it has none. */
    private static long stepOf(ByteBuffer line) {
        try {
            String text = StandardCharsets.UTF_8.newDecoder().decode(line).toString();
            JsonNode step = JSON.readTree(text).path("step");
            return step.isIntegralNumber() && step.canConvertToLong() ? step.longValue() : -1;
        } catch (CharacterCodingException | JsonProcessingException e) {
            return -1;
        }
    }
}

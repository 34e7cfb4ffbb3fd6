package org.capi.train.metrics;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * {@code metrics.jsonl}: one line of JSON for each step, in order.
 *
 * <p>What depends on the clock stands under {@code time}, so that two runs with one seed differ there only. Every line is
 * written in one piece and handed to the system at once; a line torn by a crash is dropped when the file is opened again.
 * A loss that is no number is the text {@code "NaN"}.
 */
public final class MetricsFile implements AutoCloseable {

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

    /** Goes on with a file after a step, whose later lines are dropped: they belong to steps that will be made again. */
    public static MetricsFile continueAfter(Path file, long step) throws IOException {
        if (!Files.exists(file)) {
            throw new NoSuchFileException(file.toString());
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            channel.truncate(endOf(Files.readAllBytes(file), step, file));
        }
        return new MetricsFile(FileChannel.open(file, StandardOpenOption.WRITE));
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

    /** Where the line of the step ends; the first line that is torn or later ends it too. */
    private static int endOf(byte[] bytes, long step, Path file) throws IOException {
        int start = 0;
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] != '\n') {
                continue;
            }
            String line = StandardCharsets.UTF_8
                    .decode(ByteBuffer.wrap(bytes, start, i - start))
                    .toString();
            if (stepOf(line, file) > step) {
                return start;
            }
            start = i + 1;
        }
        return start;
    }

    private static long stepOf(String line, Path file) throws IOException {
        try {
            JsonNode number = JSON.readTree(line).path("step");
            if (number.isIntegralNumber()) {
                return number.longValue();
            }
        } catch (JsonProcessingException e) {
            throw new IOException(file + " holds a line that is no JSON: " + line, e);
        }
        throw new IOException(file + " holds a line without a step: " + line);
    }
}

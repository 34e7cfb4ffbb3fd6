package org.capi.train.metrics;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
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

    private static final ObjectMapper JSON = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .build();

    private final OutputStream out;

    private MetricsFile(OutputStream out) {
        this.out = out;
    }

    /** Starts a file, which must not exist. */
    public static MetricsFile create(Path file) throws IOException {
        return new MetricsFile(Files.newOutputStream(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
    }

    /** Goes on with a file after a step, whose later lines are dropped: they belong to steps that will be made again. */
    public static MetricsFile continueAfter(Path file, long step) throws IOException {
        if (!Files.exists(file)) {
            throw new NoSuchFileException(file.toString());
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            channel.truncate(endOf(Files.readAllBytes(file), step, file));
        }
        return new MetricsFile(Files.newOutputStream(file, StandardOpenOption.APPEND));
    }

    /** Adds the line of a step. */
    public void append(StepMetrics metrics, StepTimes times) throws IOException {
        ObjectNode line = JSON.valueToTree(metrics);
        line.set("time", JSON.valueToTree(times));
        out.write((JSON.writeValueAsString(line) + "\n").getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() throws IOException {
        out.close();
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

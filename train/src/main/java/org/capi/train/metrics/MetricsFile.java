package org.capi.train.metrics;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.capi.data.files.DurableFile;
import org.jspecify.annotations.Nullable;

/**
 * {@code metrics.jsonl}: one line of JSON for each step, in order.
 *
 * <p>What depends on the clock is below {@code time}, so that two runs with one seed differ there only. Every line is
 * written in one piece and handed to the system at once; a line torn by a crash is dropped when the file is opened
 * again. A NaN loss is the text {@code "NaN"}.
 */
public final class MetricsFile implements AutoCloseable {

    private static final Logger log = LogManager.getLogger(MetricsFile.class);
    private static final JsonMapper JSON = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .build();

    /** How many bytes wait for a disk that is full, before lines are given up. */
    private static final int MAX_WAITING = 16 << 20;

    private static final int TAIL = 1 << 13;

    private final FileChannel file;
    /** Where the last whole line ends. */
    private long end;

    private final ByteArrayOutputStream waiting = new ByteArrayOutputStream();

    public record Line(ObjectNode tree) {

        /**
         * The metrics of a step.
         *
         * @param alarms the measures that look unhealthy
         */
        public static Line of(StepMetrics metrics, List<String> alarms, StepMetrics.Times times) {
            ObjectNode tree = JSON.valueToTree(metrics);
            if (!alarms.isEmpty()) {
                tree.set("alarms", JSON.valueToTree(alarms));
            }
            tree.set("time", JSON.valueToTree(times));
            return new Line(tree);
        }

        static Line parse(String line) throws IOException {
            if (JSON.readTree(line) instanceof ObjectNode tree) {
                return new Line(tree);
            }
            throw new CharacterCodingException();
        }

        public long step() {
            return tree.path("step").asLong();
        }

        public List<String> alarms() {
            return tree.path("alarms").valueStream().map(JsonNode::asText).toList();
        }

        /** Every measure by its name, those of the clock as {@code time/...}. */
        public Map<String, Double> numbers() {
            Map<String, Double> numbers = new LinkedHashMap<>();
            addNumbers(tree, "", numbers);
            numbers.remove("step");
            numbers.remove("time/unix_millis");
            return numbers;
        }

        private static void addNumbers(JsonNode from, String prefix, Map<String, Double> to) {
            from.properties().forEach(entry -> {
                if (entry.getValue().isNumber()) {
                    to.put(prefix + entry.getKey(), entry.getValue().doubleValue());
                } else if (entry.getValue().isObject()) {
                    addNumbers(entry.getValue(), prefix + entry.getKey() + "/", to);
                }
            });
        }
    }

    private MetricsFile(FileChannel file) throws IOException {
        this.file = file;
        this.end = file.size();
    }

    public static MetricsFile create(Path file) throws IOException {
        return new MetricsFile(FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
    }

    /**
     * Continues a file after a step, whose later lines are dropped: they belong to steps that will be made again. Of a
     * damaged file the lines before the damage are kept and the whole file is set aside, a missing one is started anew,
     * both with a warning: the checkpoint does not depend on it.
     */
    public static MetricsFile continueAfter(Path file, long step) throws IOException {
        byte[] bytes = Files.exists(file) ? Files.readAllBytes(file) : new byte[0];
        Kept kept = kept(bytes, step);
        if (kept.damage != null) {
            Path aside = unusedName(file);
            DurableFile.move(file, aside);
            log.warn(
                    "{} is damaged: {}; a copy is kept as {}, and the lines before the damage are used",
                    file,
                    kept.damage,
                    aside.getFileName());
            DurableFile.write(file, Arrays.copyOf(bytes, kept.end));
        } else if (kept.lastStep < step) {
            log.warn("{} ends at step {}; the lines up to step {} are lost", file, kept.lastStep, step);
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

    /**
     * Reads the lines one at a time: a long run has half a million.
     *
     * @param take returns whether to read on
     * @return false where a line is damaged, such as one torn by a crash; those before it were taken
     */
    public static boolean read(Path file, Predicate<Line> take) throws IOException {
        try (BufferedReader lines = Files.newBufferedReader(file)) {
            String line = lines.readLine();
            while (line != null && take.test(Line.parse(line))) {
                line = lines.readLine();
            }
            return true;
        } catch (JsonProcessingException | CharacterCodingException e) {
            return false;
        }
    }

    /** The step of the last whole line of a file that may be in use; 0 where it cannot be read. */
    public static long lastStep(Path path) {
        try (FileChannel file = FileChannel.open(path)) {
            ByteBuffer tail = ByteBuffer.allocate((int) Math.min(TAIL, file.size()));
            file.read(tail, file.size() - tail.capacity());
            String text = new String(tail.array(), StandardCharsets.UTF_8);
            int end = text.lastIndexOf('\n');
            return end < 0
                    ? 0
                    : Line.parse(text.substring(text.lastIndexOf('\n', end - 1) + 1, end))
                            .step();
        } catch (IOException e) {
            return 0; // not there yet, or it is being written
        }
    }

    /**
     * Adds the line of a step; one that cannot be written now leaves no part of it, and is tried again with the next.
     */
    public void append(Line line) throws IOException {
        if (waiting.size() < MAX_WAITING) {
            waiting.writeBytes((JSON.writeValueAsString(line.tree) + "\n").getBytes(StandardCharsets.UTF_8));
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

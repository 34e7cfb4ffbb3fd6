package org.capi.train.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchCommandTest {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Console console = new Console(stream(out), stream(err), false);

    @TempDir
    Path folder;

    @BeforeEach
    void generate() {
        assertThat(run("data", "generate", "--to", folder.resolve("set"), "--train", 20, "--val", 0, "--size", 32))
                .isZero();
        out.reset();
    }

    @Test
    void everyPartOfTheWayIsTimed() throws IOException {
        assertThat(run(
                        "bench",
                        "data",
                        "--data",
                        folder.resolve("set"),
                        "--size",
                        30,
                        "--batch",
                        4,
                        "--images",
                        10,
                        "--threads",
                        1,
                        "--json"))
                .isZero();
        String text = out.toString(StandardCharsets.UTF_8);
        JsonNode times = new ObjectMapper().readTree(text.lines().reduce("", (first, last) -> last));
        assertThat(times.get("size").asInt()).isEqualTo(30);
        assertThat(times.get("images_per_second").asDouble()).isPositive();
        assertThat(times.get("read_gigabytes_per_second").asDouble()).isPositive();
        assertThat(times.get("stages")).hasSize(4);
        assertThat(times.get("stages").get(2).get("name").asText()).isEqualTo("resize");
        assertThat(times.get("stages").get(2).get("milliseconds").asDouble()).isPositive();
    }

    @Test
    void numbersThatMakeNoSenseAreRefused() {
        assertThat(run("bench", "data", "--data", folder.resolve("set"), "--batch", 0))
                .isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .endsWith("size must be at least 16, batch, threads and images at least 1; were 224, 0, 2 and 8000\n");
    }

    private int run(Object... args) {
        return Main.run(console, Arrays.stream(args).map(Object::toString).toArray(String[]::new));
    }

    private static PrintStream stream(ByteArrayOutputStream bytes) {
        return new PrintStream(bytes, true, StandardCharsets.UTF_8);
    }
}

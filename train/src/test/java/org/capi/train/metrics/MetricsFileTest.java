package org.capi.train.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MetricsFileTest {

    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void name() {
        file = folder.resolve("metrics.jsonl");
    }

    @Test
    void aLineHoldsTheMetricsAndUnderTimeAllThatDependsOnTheClock() throws IOException {
        write(1, 1);

        assertThat(Files.readString(file))
                .isEqualTo("{\"step\":1,\"student_loss\":7.5,\"clustering_loss\":6.25,\"target_entropy\":0.5,"
                        + "\"learning_rate\":1.0E-4,\"clustering_learning_rate\":5.0E-5,\"momentum\":0.999,"
                        + "\"gradient_norm\":0.7,\"clustering_gradient_norm\":0.3,\"update_ratio\":0.002,\"prototype_use\":0.9,\"positional_collapse\":0.01,\"updated\":true,"
                        + "\"time\":{\"unix_millis\":1700000000000,\"step_seconds\":0.5,\"data_wait_seconds\":0.01,\"images_per_second\":128.0,"
                        + "\"resident_bytes\":200,\"heap_bytes\":100}}\n");
    }

    @Test
    void memoryThatTheSystemDoesNotTellIsLeftOut() throws IOException {
        assertThat(ProcessMemory.bytes(folder.resolve("no such file"), "VmRSS:"))
                .isNull();
        Path status = Files.writeString(folder.resolve("status"), "Name: java\nVmRSS:\t   2048 kB\n");
        assertThat(ProcessMemory.bytes(status, "VmRSS:")).isEqualTo(2 << 20);
        assertThat(ProcessMemory.bytes(status, "VmHWM:")).isNull();

        try (var metrics = MetricsFile.continueAfter(file, 0)) {
            metrics.append(MetricsFile.Line.of(
                    metrics(1), List.of(), new StepMetrics.Times(1_700_000_000_000L, 0.5, 0.01, 128, null, 100)));
        }
        assertThat(Files.readString(file)).endsWith("\"images_per_second\":128.0,\"heap_bytes\":100}}\n");
    }

    @Test
    void aResumedFileEqualsOneNeverStopped() throws IOException {
        write(1, 10);
        String whole = Files.readString(file);
        try (var metrics = MetricsFile.continueAfter(file, 6)) {
            for (int step = 7; step <= 10; step++) {
                metrics.append(MetricsFile.Line.of(metrics(step), List.of(), times()));
            }
        }

        assertThat(Files.readString(file)).isEqualTo(whole);
    }

    @Test
    void linesAfterTheCheckpointAreDropped() throws IOException {
        write(1, 10);
        MetricsFile.continueAfter(file, 6).close();

        assertThat(Files.readAllLines(file)).hasSize(6).last().asString().startsWith("{\"step\":6,");
    }

    @Test
    void aCheckpointOfStepZeroLeavesNoLine() throws IOException {
        write(1, 3);
        MetricsFile.continueAfter(file, 0).close();

        assertThat(file).isEmptyFile();
    }

    @Test
    void aTornLastLineIsDropped() throws IOException {
        write(1, 3);
        String text = Files.readString(file);
        Files.writeString(file, text.substring(0, text.length() - 20));
        try (var metrics = MetricsFile.continueAfter(file, 3)) {
            metrics.append(MetricsFile.Line.of(metrics(3), List.of(), times()));
        }

        assertThat(Files.readString(file)).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hello",
                "",
                "{}",
                "[1]",
                "{\"step\":\"4\"}",
                "{\"step\":4",
                "{\"step\":2}",
                "\0\0\0",
                "\"\u00ff\""
            })
    void aDamagedFileIsSetAsideAndTheLinesBeforeTheDamageStay(String line) throws IOException {
        write(1, 3);
        String whole = Files.readString(file);
        byte[] damaged = (whole + line + "\n{\"step\":5}\n").getBytes(StandardCharsets.ISO_8859_1);
        Files.write(file, damaged);
        Files.writeString(folder.resolve("metrics.jsonl.damaged"), "earlier");
        try (var metrics = MetricsFile.continueAfter(file, 6)) {
            metrics.append(MetricsFile.Line.of(metrics(7), List.of(), times()));
        }
        assertThat(Files.readString(file)).startsWith(whole + "{\"step\":7,").hasLineCount(4);
        assertThat(folder.resolve("metrics.jsonl.damaged")).hasContent("earlier");
        assertThat(folder.resolve("metrics.jsonl.damaged-2")).hasBinaryContent(damaged);
    }

    @Test
    void damageAfterTheCheckpointIsDroppedWithItsLines() throws IOException {
        write(1, 4);
        Files.writeString(file, "{\"step\":5}\nhello\n", StandardOpenOption.APPEND);
        MetricsFile.continueAfter(file, 4).close();
        assertThat(Files.readAllLines(file)).hasSize(4);
        assertThat(folder.resolve("metrics.jsonl.damaged")).doesNotExist();
    }

    @Test
    void aNewFileReplacesNone() throws IOException {
        write(1, 1);

        assertThatThrownBy(() -> MetricsFile.create(file)).isInstanceOf(FileAlreadyExistsException.class);
    }

    @Test
    void aMissingFileIsStartedAnew() throws IOException {
        try (var metrics = MetricsFile.continueAfter(file, 6)) {
            metrics.append(MetricsFile.Line.of(metrics(7), List.of(), times()));
        }
        assertThat(Files.readAllLines(file)).singleElement().asString().startsWith("{\"step\":7,");
    }

    private void write(int first, int last) throws IOException {
        try (var metrics = MetricsFile.create(file)) {
            for (int step = first; step <= last; step++) {
                metrics.append(MetricsFile.Line.of(metrics(step), List.of(), times()));
            }
        }
    }

    private static StepMetrics metrics(int step) {
        return new StepMetrics(step, 7.5, 6.25, 0.5, 1e-4, 5e-5, 0.999, 0.7, 0.3, 0.002, 0.9, 0.01, true);
    }

    private static StepMetrics.Times times() {
        return new StepMetrics.Times(1_700_000_000_000L, 0.5, 0.01, 128, 200L, 100);
    }
}

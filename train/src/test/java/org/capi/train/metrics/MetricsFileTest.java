package org.capi.train.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
    void aResumedFileEqualsOneNeverStopped() throws IOException {
        write(1, 10);
        String whole = Files.readString(file);
        try (var metrics = MetricsFile.continueAfter(file, 6)) {
            for (int step = 7; step <= 10; step++) {
                metrics.append(MetricsLine.of(metrics(step), List.of(), times()));
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
            metrics.append(MetricsLine.of(metrics(3), List.of(), times()));
        }

        assertThat(Files.readString(file)).isEqualTo(text);
    }

    @Test
    void aLineThatIsNoMetricsIsNamed() throws IOException {
        Files.writeString(file, "{\"step\":1}\nhello\n{\"step\":3}\n");
        assertThatThrownBy(() -> MetricsFile.continueAfter(file, 2))
                .isInstanceOf(IOException.class)
                .hasMessage(file + " holds a line that is no JSON: hello");

        Files.writeString(file, "{}\n");
        assertThatThrownBy(() -> MetricsFile.continueAfter(file, 2))
                .hasMessage(file + " holds a line without a step: {}");
    }

    @Test
    void aNewFileReplacesNone() throws IOException {
        write(1, 1);

        assertThatThrownBy(() -> MetricsFile.create(file)).isInstanceOf(FileAlreadyExistsException.class);
        assertThatThrownBy(() -> MetricsFile.continueAfter(folder.resolve("none"), 1))
                .isInstanceOf(NoSuchFileException.class);
    }

    private void write(int first, int last) throws IOException {
        try (var metrics = MetricsFile.create(file)) {
            for (int step = first; step <= last; step++) {
                metrics.append(MetricsLine.of(metrics(step), List.of(), times()));
            }
        }
    }

    private static StepMetrics metrics(int step) {
        return new StepMetrics(step, 7.5, 6.25, 0.5, 1e-4, 5e-5, 0.999, 0.7, 0.3, 0.002, 0.9, 0.01, true);
    }

    private static StepTimes times() {
        return new StepTimes(1_700_000_000_000L, 0.5, 0.01, 128, 200, 100);
    }
}

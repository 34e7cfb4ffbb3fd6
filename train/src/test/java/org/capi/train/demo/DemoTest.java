package org.capi.train.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.capi.data.source.drawn.Drawings;
import org.capi.eval.features.JobProgress;
import org.capi.savedmodels.VisionEncoder;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoTest {

    @TempDir
    private Path folder;

    @Test
    @Tag("slow")
    void theShortestDemoLeavesAReportAndAModel() throws IOException {
        Path run = folder.resolve("demo");
        Demo.DemoResult result = new Demo(run, 1).run(List.of("demo"), (done, total) -> {}, JobProgress.none());
        String report = Files.readString(run.resolve("report.html"));
        assertThat(report)
                .contains("k-NN accuracy")
                .contains("data:image/png;base64,")
                .doesNotContain("<script");
        assertThat(result.chance()).isEqualTo(1.0 / Drawings.classes().size());
        assertThat(result.trainedTop1()).isBetween(0.0, 1.0);
        assertThat(Files.readAllLines(run.resolve("metrics.jsonl"))).hasSize((int) result.steps());
        VisionEncoder.load(run.resolve("exports/teacher")).close();
        VisionEncoder.load(run.resolve("exports/untrained")).close();
        assertThat(run.resolve("evals/pca/pca.png")).isNotEmptyFile();
    }

    @Test
    void lessThanAMinuteIsRefused() {
        assertThatThrownBy(() -> new Demo(folder, 0.5)).hasMessage("--minutes must be at least 1, was 0.5");
    }
}

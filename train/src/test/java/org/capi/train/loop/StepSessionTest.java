package org.capi.train.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.capi.train.TinyRun;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StepSessionTest {

    @TempDir
    private Path folder;

    @Test
    @Tag("slow")
    void aRunWhoseStepIsOneFunctionLearnsWhatAnUncompiledOneLearns() throws IOException {
        TinyRun.images(folder.resolve("set"));
        List<JsonNode> expected = train("off");
        List<JsonNode> actual = train("step");
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < expected.size(); i++) {
            for (String name : List.of("student_loss", "clustering_loss", "target_entropy", "gradient_norm")) {
                double value = expected.get(i).get(name).asDouble();
                assertThat(actual.get(i).get(name).asDouble()).as(name).isCloseTo(value, within(1e-3 * value));
            }
        }
    }

    private List<JsonNode> train(String xla) throws IOException {
        Path run = folder.resolve(xla);
        var config = TinyRun.config(4, "compute.xla=" + xla);
        PretrainRun.start(run, folder.resolve("set") + ":train", config, List.of());
        List<JsonNode> lines = new ArrayList<>();
        for (String line : Files.readAllLines(run.resolve("metrics.jsonl"))) {
            lines.add(new ObjectMapper().readTree(line));
        }
        return lines;
    }
}

package org.capi.train.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
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

    @Test
    @Tag("slow")
    void fusedAttentionIsRefusedByNameWhereXlaCannotCompileIt() throws IOException {
        TinyRun.images(folder.resolve("set"));
        var config = TinyRun.config(
                4,
                "compute.device=cpu",
                "compute.type=bfloat16",
                "compute.xla=step",
                "compute.attention=fused",
                "model.heads=1");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        PretrainRun.start(folder.resolve("run"), folder.resolve("set") + ":train", config, List.of()))
                .withMessageMatching(
                        "compute\\.attention must be plain on this machine, was fused: .*Host.*; it needs an"
                                + " NVIDIA GPU of compute capability 8\\.0 or later with cuDNN 9");
        assertThat(folder.resolve("run")).doesNotExist();
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

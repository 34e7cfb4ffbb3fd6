package org.capi.train.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.capi.train.TinyRun;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What commands print in processes of their own. */
@Tag("slow")
class NativeLogTest {

    private static final String OF_TENSORFLOW =
            "(?m)^(WARNING: All log|[IWE]\\d{4} |\\d{4}-\\d\\d-\\d\\d [0-9:.]+: [IWE] |To enable the following)";

    @TempDir
    private Path folder;

    @Test
    void noCommandShowsLinesOfTensorFlow() throws Exception {
        String set = folder.resolve("set").toString();
        String run = folder.resolve("run").toString();
        String model = folder.resolve("model").toString();
        run(0, "data", "generate", "--to", set, "--train", "20", "--val", "10");
        List<String> pretrain = new ArrayList<>(List.of("pretrain", "--data", set, "--run", run));
        pretrain.addAll(TinyRun.overrides(4, "data.image_size=32"));
        run(0, pretrain.toArray(String[]::new));
        run(0, "export", "--run", run, "--to", model);
        run(0, "eval", "knn", "--model", model, "--train", set, "--test", set + ":val", "--out", folder + "/knn");
        run(0, "embed", "--model", model, "--data", set, "--to", folder + "/features.arrow");
        run(0, "export-weights", "--run", run, "--to", folder + "/weights.safetensors");
        run(0, "import-weights", "--from", folder + "/weights.safetensors", "--to", folder + "/imported");
        run(0, "bench", "encoder", "--model", model, "--batch", "1");
        assertThat(run(0, "doctor")).contains("ok    TensorFlow: ");
    }

    @Test
    void aFailureWithinTensorFlowIsStillNamed() throws Exception {
        Path run = folder.resolve("run");
        Path set = TinyRun.images(folder.resolve("set"));
        PretrainRun.start(run, set.toString(), TinyRun.config(2), List.of());
        Path model = folder.resolve("model");
        run(0, "export", "--run", run.toString(), "--to", model.toString());
        Path weights = model.resolve("variables/variables.data-00000-of-00001");
        try (var file = FileChannel.open(weights, StandardOpenOption.WRITE)) {
            file.truncate(1000);
        }
        String said =
                run(2, "embed", "--model", model.toString(), "--data", set.toString(), "--to", folder + "/a.arrow");
        assertThat(said).contains("cannot be loaded: Read less bytes than requested");
    }

    private String run(int status, String... command) throws IOException, InterruptedException {
        Path output = folder.resolve("output.txt");
        Files.deleteIfExists(output);
        try (var child = ChildRun.start(folder, output, List.of(command))) {
            int ended = child.exit();
            String said = Files.readString(output);
            assertThat(ended).as(said).isEqualTo(status);
            assertThat(said).as(String.join(" ", command)).doesNotContainPattern(OF_TENSORFLOW);
            return said;
        }
    }
}

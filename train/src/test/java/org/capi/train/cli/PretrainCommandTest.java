package org.capi.train.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.capi.data.files.DurableFile;
import org.capi.data.source.drawn.Drawings;
import org.capi.train.TinyRun;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a finished pretraining proposes to do next. */
@Tag("slow")
class PretrainCommandTest {

    @TempDir
    private Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    @Test
    void theNextCommandsOfALabelledSetCanBePasted() throws Exception {
        Path set = TinyRun.images(folder.resolve("a set's images"));
        List<String> lines = pretrain(set.toString());
        assertThat(lines.get(0)).contains("my run: finished after 2 steps; training took ");
        assertThat(lines.get(1)).isEqualTo("report: " + folder.resolve("my run/report.html"));
        assertThat(lines.subList(2, 5))
                .containsExactly(
                        "next:",
                        "  ./capi export --run '" + folder + "/my run' --to '" + folder + "/my run/exports/teacher'",
                        "  ./capi eval knn --train '" + folder + "/a set'\\''s images' --test '" + folder
                                + "/a set'\\''s images:val' --out '" + folder + "/my run/evals/knn' --model '" + folder
                                + "/my run/exports/teacher'");
        for (String line : lines.subList(3, 5)) {
            assertThat(Main.run(console(), words(line))).isZero();
        }
        assertThat(folder.resolve("my run/evals/knn")).isNotEmptyDirectory();
    }

    @Test
    void aRunWhoseImagesAreNoLongerKnownIsStillExported() throws IOException {
        String set = TinyRun.images(folder.resolve("set")).toString();
        pretrain(set);
        Path run = folder.resolve("my run");
        DurableFile.deleteTree(run.resolve("checkpoints/step-0000002"));
        Files.writeString(run.resolve("run.json"), "{");
        out.reset();
        assertThat(Main.run(console(), "resume", "--run", run.toString(), "--data", set))
                .isZero();
        assertThat(out.toString(StandardCharsets.UTF_8).lines().toList())
                .endsWith("next:", "  ./capi export --run '" + run + "' --to '" + run + "/exports/teacher'");
    }

    @Test
    void withoutASplitToTestOnTheNextCommandDrawsFeatures() throws Exception {
        Path set = TinyRun.images(folder.resolve("set"));
        List<String> lines = pretrain(set + ":val," + set.resolve("train"));
        assertThat(lines.get(4)).startsWith("  ./capi eval knn --train " + set + ":val --test " + set + ":train ");

        new Drawings(20, 0, 48, 1).generate(folder.resolve("alone"), (done, total) -> {});
        lines = pretrain(folder.resolve("alone").toString());
        assertThat(lines.get(4)).startsWith("  ./capi eval pca ");
        for (String line : lines.subList(3, 5)) {
            assertThat(Main.run(console(), words(line))).isZero();
        }
    }

    /** Trains two steps in a folder of their own; returns the lines of the result. */
    private List<String> pretrain(String data) throws IOException {
        Path run = folder.resolve(Files.exists(folder.resolve("my run")) ? "other" : "my run");
        List<String> arguments = new ArrayList<>(List.of("pretrain", "--data", data, "--run", run.toString()));
        arguments.addAll(TinyRun.overrides(2, "data.image_size=32"));
        out.reset();
        assertThat(Main.run(console(), arguments.toArray(String[]::new))).isZero();
        return out.toString(StandardCharsets.UTF_8).lines().toList();
    }

    /** The arguments of a command after the program's name, as a shell reads them. */
    private static String[] words(String command) throws IOException {
        String arguments = command.strip().replaceFirst("^\\./capi ", "");
        Process shell = new ProcessBuilder("sh", "-c", "printf '%s\\n' " + arguments).start();
        return new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8).split("\n");
    }

    private Console console() {
        var stream = new PrintStream(out, true, StandardCharsets.UTF_8);
        return new Console(stream, stream, false);
    }
}

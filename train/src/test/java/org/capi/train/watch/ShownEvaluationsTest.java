package org.capi.train.watch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShownEvaluationsTest {

    @TempDir
    private Path folder;

    @Test
    void whatAnEarlierProcessWroteIsKnown() throws IOException {
        write();
        var shown = ShownEvaluations.in(folder);
        assertThat(shown.has(3, "evals/teacher-knn_top1")).isTrue();
        assertThat(shown.has(3, "evals/teacher-pca")).isTrue();
        assertThat(shown.has(6, "evals/teacher-pca")).isFalse();
        assertThat(shown.has(3, "student_loss")).isFalse();
    }

    @Test
    void aTornFileIsReadAsFarAsItIsWhole() throws IOException {
        write();
        try (Stream<Path> files = Files.list(folder)) {
            Path file = files.findFirst().orElseThrow();
            byte[] bytes = Files.readAllBytes(file);
            Files.write(file, Arrays.copyOf(bytes, bytes.length - 20));
        }
        var shown = ShownEvaluations.in(folder);
        assertThat(shown.has(3, "evals/teacher-knn_top1")).isTrue();
        assertThat(shown.has(3, "evals/teacher-pca")).isFalse();
    }

    @Test
    void aFolderThatIsNotThereHasNone() throws IOException {
        assertThat(ShownEvaluations.in(folder.resolve("nothing")).has(3, "evals/teacher-pca"))
                .isFalse();
    }

    private void write() throws IOException {
        try (EventFile file = EventFile.after(0, folder)) {
            file.numbers(2, Map.of("student_loss", 2.5));
            file.numbers(3, Map.of("evals/teacher-knn_top1", 0.5));
            file.picture(3, "evals/teacher-pca", new byte[40], 5, 6);
        }
    }
}

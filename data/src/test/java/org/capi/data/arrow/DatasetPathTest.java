package org.capi.data.arrow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetPathTest {

    @TempDir
    Path folder;

    @Test
    void aSplitFollowsTheLastColon() {
        assertThat(DatasetPath.parse("a/b:val")).isEqualTo(new DatasetPath(Path.of("a/b"), "val"));
        assertThat(DatasetPath.parse("a:b/c")).isEqualTo(new DatasetPath(Path.of("a:b/c"), null));
        assertThat(DatasetPath.parse("a/b")).isEqualTo(new DatasetPath(Path.of("a/b"), null));
    }

    @Test
    void withoutASplitItIsTheFolderItselfOrItsSplitTrain() throws IOException {
        assertThat(DatasetPath.parse(folder.toString()).resolve()).isEqualTo(folder.resolve("train"));
        assertThat(DatasetPath.parse(folder + ":val").resolve()).isEqualTo(folder.resolve("val"));
        Files.writeString(folder.resolve("dataset.json"), "{}");
        assertThat(DatasetPath.parse(folder.toString()).resolve()).isEqualTo(folder);
    }

    @Test
    void anEmptyNameAndAnEmptySplitAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> DatasetPath.parse(" "));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DatasetPath.parse("a:"))
                .withMessage("the split after the colon is empty: a:");
    }
}

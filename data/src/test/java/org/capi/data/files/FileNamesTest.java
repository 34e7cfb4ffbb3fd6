package org.capi.data.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileNamesTest {

    private static final Path FOLDER = Path.of("sets", "photos");

    @Test
    void aPathBelowTheFolderIsTaken() {
        assertThat(FileNames.below(FOLDER, "a/b.png")).isEqualTo(Path.of("sets/photos/a/b.png"));
        assertThat(FileNames.below(Path.of(""), "b.png")).isEqualTo(Path.of("b.png"));
        String inside = FOLDER.toAbsolutePath().resolve("c.png").toString();
        assertThat(FileNames.below(FOLDER, inside)).isEqualTo(Path.of(inside));
    }

    @ParameterizedTest
    @ValueSource(strings = {"../.bashrc", "a/../../b", "/etc/passwd", "", ".", "a/.."})
    void aPathOutOfTheFolderIsRefused(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FileNames.below(FOLDER, name))
                .withMessage("'" + name + "' is not a path below sets/photos");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../a", "a/b", "..", ".", "", "a\\b", "/a"})
    void aPathIsNotAPlainName(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FileNames.plain(name))
                .withMessage("'" + name + "' is not the name of a file");
        assertThat(FileNames.plain("shard-00000.arrow")).isEqualTo("shard-00000.arrow");
    }

    @Test
    void controlCharactersAreEscaped() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FileNames.below(FOLDER, "a\u0000b\u001b[31m"))
                .withMessage("'a\\u0000b\\u001B[31m' is not a valid file name");
    }

    @Test
    void escapesAndOverridesOfDirectionAreSpelledOut() {
        assertThat(FileNames.printable("a\u001b[31mb\u009b2J\rc\u0000\u007f"))
                .isEqualTo("a\\u001b[31mb\\u009b2J\\u000dc\\u0000\\u007f");
        assertThat(FileNames.printable("photo\u202egpj.exe\u2066\u200f"))
                .isEqualTo("photo\\u202egpj.exe\\u2066\\u200f");
    }

    @Test
    void whatPeopleWriteStaysAsItIs() {
        String text = "犬 é\tname\n\\u001b & $1 👩‍👩‍👧";
        assertThat(FileNames.printable(text)).isEqualTo(text);
    }
}

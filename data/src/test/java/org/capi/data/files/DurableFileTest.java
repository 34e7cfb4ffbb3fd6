package org.capi.data.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DurableFileTest {

    @TempDir
    Path folder;

    @Test
    void aFileIsReplacedWhole() throws IOException {
        Path file = folder.resolve("state.json");
        DurableFile.write(file, "first, and longer");
        DurableFile.write(file, "second");
        assertThat(file).hasContent("second");
        assertThat(folder).isDirectoryNotContaining("glob:**.partial");
    }

    @Test
    void whatAnotherProcessWritesBesideIsNeitherMovedNorTouched() throws IOException {
        Path file = folder.resolve("state.json");
        Path other = Files.writeString(folder.resolve("state.json.partial"), "half");
        DurableFile.write(file, "whole");
        assertThat(file).hasContent("whole");
        assertThat(other).hasContent("half");
    }

    @Test
    void noLinkIsFollowed() throws IOException {
        Path mine = Files.writeString(folder.resolve("mine"), "mine");
        Files.createSymbolicLink(folder.resolve("state.json.partial"), mine);
        Path file = Files.createSymbolicLink(folder.resolve("state.json"), mine);
        DurableFile.write(file, "whole");
        assertThat(mine).hasContent("mine");
        assertThat(file).isRegularFile().hasContent("whole");
        assertThat(Files.isSymbolicLink(file)).isFalse();
    }

    @Test
    void noTwoNamesBesideAPlaceAreTheSame() {
        Path place = folder.resolve("features.arrow");
        Path first = DurableFile.sibling(place);
        assertThat(first.getFileName().toString()).matches("features\\.arrow\\.[0-9a-f]{16}\\.partial");
        assertThat(first).hasParentRaw(folder).isNotEqualTo(DurableFile.sibling(place));
    }

    /** As some of Windows and of networks: here a zip file is the file system. */
    @Test
    void aFileSystemThatCannotFlushAFolderTakesFilesAllTheSame() throws IOException {
        try (FileSystem zip = FileSystems.newFileSystem(folder.resolve("files.zip"), Map.of("create", "true"))) {
            Path file = zip.getPath("/state.json");
            DurableFile.write(file, "whole");
            assertThat(Files.readString(file)).isEqualTo("whole");
        }
    }

    @Test
    void aTreeIsDeletedWithoutWhatItsLinksPointTo() throws IOException {
        Path mine = Files.writeString(folder.resolve("mine"), "mine");
        Path tree = Files.createDirectory(folder.resolve("tree"));
        Files.createSymbolicLink(tree.resolve("link"), mine);
        Path dangling = Files.createSymbolicLink(folder.resolve("dangling"), folder.resolve("nowhere"));
        DurableFile.deleteTree(tree);
        DurableFile.deleteTree(dangling);
        assertThat(tree).doesNotExist();
        assertThat(Files.isSymbolicLink(dangling)).isFalse();
        assertThat(mine).hasContent("mine");
    }
}

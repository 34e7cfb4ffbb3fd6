package org.capi.savedmodels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NewPathTest {

    @TempDir
    Path folder;

    @Test
    void eachOfTwoWritersOfOnePlacePublishesOnlyItsOwnFolder() throws IOException {
        Path place = folder.resolve("model");
        try (NewPath slow = NewPath.folder(place);
                NewPath fast = NewPath.folder(place)) {
            Files.writeString(slow.partial().resolve("graph"), "ha");
            Files.writeString(fast.partial().resolve("graph"), "whole");
            fast.finish();
            assertThat(place.resolve("graph")).hasContent("whole");
            Files.writeString(slow.partial().resolve("graph"), "half no more");
            assertThatIOException()
                    .isThrownBy(slow::finish)
                    .withMessage("another program made " + place + " while it was written here; that one is kept");
        }
        assertThat(place.resolve("graph")).hasContent("whole");
        assertThat(folder).isDirectoryNotContaining("glob:**.partial");
    }

    @Test
    void eachOfTwoWritersOfOnePlacePublishesOnlyItsOwnFile() throws IOException {
        Path place = folder.resolve("photos.pth");
        try (NewPath slow = NewPath.file(place);
                NewPath fast = NewPath.file(place)) {
            Files.writeString(slow.partial(), "ha");
            Files.writeString(fast.partial(), "whole");
            fast.finish();
            assertThatIOException().isThrownBy(slow::finish).withMessageStartingWith("another program made " + place);
        }
        assertThat(place).hasContent("whole");
        assertThat(folder).isDirectoryNotContaining("glob:**.partial");
    }

    @Test
    void whatAnotherProcessWritesIsNeitherDeletedNorTouched() throws IOException {
        Path place = folder.resolve("model");
        Path other = Files.createDirectory(folder.resolve("model.partial"));
        Files.writeString(other.resolve("graph"), "theirs");
        try (NewPath own = NewPath.folder(place)) {
            Files.writeString(own.partial().resolve("graph"), "own");
            own.finish();
        }
        assertThat(other.resolve("graph")).hasContent("theirs");
        assertThat(place.resolve("graph")).hasContent("own");
    }

    @Test
    void noLinkIsFollowed() throws IOException {
        Path mine = Files.writeString(folder.resolve("mine"), "mine");
        Files.createSymbolicLink(folder.resolve("photos.pth.partial"), mine);
        Path place = folder.resolve("photos.pth");
        try (NewPath file = NewPath.file(place);
                var channel = file.open()) {
            assertThat(channel.size()).isZero();
            file.finish();
        }
        assertThat(mine).hasContent("mine");
        Path dangling = Files.createSymbolicLink(folder.resolve("link.pth"), folder.resolve("nowhere"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NewPath.file(dangling))
                .withMessage("the file " + dangling + " exists already; name one that does not");
    }
}

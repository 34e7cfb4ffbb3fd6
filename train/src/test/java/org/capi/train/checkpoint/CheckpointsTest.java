package org.capi.train.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.capi.data.batch.StreamState;
import org.capi.train.checkpoint.Checkpoints.Checkpoint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointsTest {

    private static final StreamState STREAM = new StreamState(3, 100, 2, 40);

    @TempDir
    private Path folder;

    @Test
    void theNewestStayAndTheUntrainedOneAndThoseKeptForGood() throws IOException {
        var checkpoints = new Checkpoints(folder, 2, 30);
        for (long step = 0; step <= 60; step += 10) {
            checkpoints.save(step, STREAM, CheckpointsTest::write, Set.of());
        }
        assertThat(steps(checkpoints)).containsExactly(0L, 30L, 50L, 60L);
    }

    @Test
    void whatIsUnfinishedOrForeignIsNoCheckpoint() throws IOException {
        var checkpoints = new Checkpoints(folder, 2, 0);
        checkpoints.save(10, STREAM, CheckpointsTest::write, Set.of());
        Files.createDirectories(folder.resolve("step-0000020"));
        Files.createDirectories(folder.resolve("step-0000030.partial"));
        Files.writeString(folder.resolve("step-0000030.partial/complete"), "30\n");
        Files.writeString(folder.resolve("notes.txt"), "mine");
        assertThat(checkpoints.newest())
                .hasValueSatisfying(c -> assertThat(c.step()).isEqualTo(10));
        assertThat(Files.exists(folder.resolve("notes.txt"))).isTrue();
    }

    @Test
    void theNewestWholeOneIsFoundAndDamageIsSetAside() throws IOException {
        var checkpoints = new Checkpoints(folder, 9, 0);
        for (long step = 10; step <= 40; step += 10) {
            checkpoints.save(step, STREAM, CheckpointsTest::write, Set.of());
        }
        Files.writeString(folder.resolve("step-0000040/model.index"), "y"); // as long, but other bytes
        Files.writeString(folder.resolve("step-0000030/model.index"), "xx");
        assertThat(checkpoints.newestWhole(false))
                .hasValueSatisfying(c -> assertThat(c.step()).isEqualTo(20));
        assertThat(steps(checkpoints)).containsExactly(10L, 20L, 30L, 40L);
        assertThat(checkpoints.newestWhole(true))
                .hasValueSatisfying(c -> assertThat(c.step()).isEqualTo(20));
        assertThat(steps(checkpoints)).containsExactly(10L, 20L);
        assertThat(folder.resolve("step-0000040.damaged")).exists();
        assertThat(new Checkpoint(folder.resolve("step-0000030.damaged"), 30).damage())
                .hasValue("model.index has 2 bytes, not 1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "[]",
                "\"step\"",
                "{}",
                "{\"format\":1,\"step\":20,\"files\":null}",
                "{\"format\":1,\"step\":20,\"files\":{\"model.index\":null}}",
                "{\"format\":1,\"step\":20,\"files\":",
                "\0\0\0\0"
            })
    void aMarkerThatAPowerCutLeftIsDamageAndTheOlderCheckpointIsUsed(String marker) throws IOException {
        var checkpoints = new Checkpoints(folder, 9, 0);
        checkpoints.save(10, STREAM, CheckpointsTest::write, Set.of());
        checkpoints.save(20, STREAM, CheckpointsTest::write, Set.of());
        Files.writeString(folder.resolve("step-0000020/complete"), marker);
        assertThat(checkpoints.newestWhole(true))
                .hasValueSatisfying(c -> assertThat(c.step()).isEqualTo(10));
        assertThat(folder.resolve("step-0000020.damaged/model.index")).exists();
    }

    @Test
    void aNewerFormatIsRefused() throws IOException {
        var checkpoints = new Checkpoints(folder, 9, 0);
        checkpoints.save(10, STREAM, CheckpointsTest::write, Set.of());
        Files.writeString(folder.resolve("step-0000010/complete"), "{\"format\":2}");
        assertThatThrownBy(() -> checkpoints.newestWhole(false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageEndingWith("was written by a newer version: its format is 2, this program reads up to 1");
    }

    @Test
    void whatAKilledProcessLeftIsDeletedByTheNextSave() throws IOException {
        Files.createDirectories(folder.resolve("step-0000007.partial"));
        Files.createDirectories(folder.resolve("step-0000007.0123456789abcdef.partial"));
        Files.createDirectories(folder.resolve("mine.partial"));
        new Checkpoints(folder, 9, 0).save(10, STREAM, CheckpointsTest::write, Set.of());
        assertThat(folder.resolve("step-0000007.partial")).doesNotExist();
        assertThat(folder.resolve("step-0000007.0123456789abcdef.partial")).doesNotExist();
        assertThat(folder.resolve("mine.partial")).exists();
    }

    @Test
    void aFailedSaveLeavesTheOlderOnes() throws IOException {
        var checkpoints = new Checkpoints(folder, 1, 0);
        checkpoints.save(10, STREAM, CheckpointsTest::write, Set.of());
        assertThatThrownBy(() -> checkpoints.save(
                        20,
                        STREAM,
                        prefix -> {
                            write(prefix);
                            throw new IllegalStateException("disk full");
                        },
                        Set.of()))
                .hasMessage("disk full");
        assertThat(steps(checkpoints)).containsExactly(10L);
        checkpoints.save(20, STREAM, CheckpointsTest::write, Set.of());
        assertThat(steps(checkpoints)).containsExactly(20L);
    }

    @Test
    void aStepWithoutCheckpointIsRefusedWithThoseThereAre() throws IOException {
        var checkpoints = new Checkpoints(folder, 3, 0);
        checkpoints.save(10, STREAM, CheckpointsTest::write, Set.of());
        checkpoints.save(20, STREAM, CheckpointsTest::write, Set.of());
        assertThatThrownBy(() -> checkpoints.at(15))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("no checkpoint of step 15 under " + folder + "; there are: [10, 20]");
    }

    @Test
    void aRunWithoutCheckpointsHasNoNewest() throws IOException {
        assertThat(new Checkpoints(folder.resolve("none"), 1, 0).newest()).isEmpty();
    }

    @Test
    void aCheckpointKeepsThePositionOfItsSamples() throws IOException {
        Checkpoint saved = new Checkpoints(folder, 3, 0).save(10, STREAM, CheckpointsTest::write, Set.of());
        assertThat(saved.stream()).isEqualTo(STREAM);
        assertThat(Files.readString(saved.folder().resolve("stream.json")))
                .isEqualTo("{\"seed\":3,\"rows\":100,\"epoch\":2,\"position\":40}\n");
        saved.check(3, 100);
    }

    @Test
    void aCheckpointOfAnotherSeedOrOfOtherImagesIsRefusedByName() throws IOException {
        Checkpoint saved = new Checkpoints(folder, 3, 0).save(10, STREAM, CheckpointsTest::write, Set.of());
        assertThatThrownBy(() -> saved.check(4, 100))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "the checkpoint " + saved.folder()
                                + " cannot be continued: the samples were drawn with seed 3, not 4; continue with the same seed");
        assertThatThrownBy(() -> saved.check(3, 90))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("were drawn from 100 images, not 90");
    }

    @Test
    void aCheckpointWithoutThePositionOfItsSamplesIsRefused() throws IOException {
        Checkpoint saved = new Checkpoints(folder, 3, 0).save(10, STREAM, CheckpointsTest::write, Set.of());
        Files.writeString(saved.folder().resolve("stream.json"), "{\"seed\":3,\"rows\":100,\"epoch\":2}");
        assertThatThrownBy(saved::stream)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("damaged ")
                .hasMessageContaining("position");
        Files.delete(saved.folder().resolve("stream.json"));
        assertThatThrownBy(saved::stream)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("holds no stream.json");
    }

    private static List<Long> steps(Checkpoints checkpoints) throws IOException {
        return checkpoints.list().stream().map(Checkpoint::step).toList();
    }

    private static void write(Path prefix) {
        try {
            Files.writeString(prefix.resolveSibling(prefix.getFileName() + ".index"), "x");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

package org.capi.train.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointsTest {

    @TempDir
    private Path folder;

    @Test
    void theNewestStayAndTheUntrainedOneAndThoseKeptForGood() throws IOException {
        var checkpoints = new Checkpoints(folder, 2, 30);
        for (long step = 0; step <= 60; step += 10) {
            checkpoints.save(step, CheckpointsTest::write);
        }
        assertThat(steps(checkpoints)).containsExactly(0L, 30L, 50L, 60L);
    }

    @Test
    void whatIsUnfinishedOrForeignIsNoCheckpoint() throws IOException {
        var checkpoints = new Checkpoints(folder, 2, 0);
        checkpoints.save(10, CheckpointsTest::write);
        Files.createDirectories(folder.resolve("step-0000020"));
        Files.createDirectories(folder.resolve("step-0000030.partial"));
        Files.writeString(folder.resolve("step-0000030.partial/complete"), "30\n");
        Files.writeString(folder.resolve("notes.txt"), "mine");
        assertThat(checkpoints.newest())
                .hasValueSatisfying(c -> assertThat(c.step()).isEqualTo(10));
        assertThat(Files.exists(folder.resolve("notes.txt"))).isTrue();
    }

    @Test
    void aFailedSaveLeavesTheOlderOnes() throws IOException {
        var checkpoints = new Checkpoints(folder, 1, 0);
        checkpoints.save(10, CheckpointsTest::write);
        assertThatThrownBy(() -> checkpoints.save(20, prefix -> {
                    write(prefix);
                    throw new IllegalStateException("disk full");
                }))
                .hasMessage("disk full");
        assertThat(steps(checkpoints)).containsExactly(10L);
        checkpoints.save(20, CheckpointsTest::write);
        assertThat(steps(checkpoints)).containsExactly(20L);
    }

    @Test
    void aStepWithoutCheckpointIsRefusedWithThoseThereAre() throws IOException {
        var checkpoints = new Checkpoints(folder, 3, 0);
        checkpoints.save(10, CheckpointsTest::write);
        checkpoints.save(20, CheckpointsTest::write);
        assertThatThrownBy(() -> checkpoints.at(15))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("no checkpoint of step 15 under " + folder + "; there are: [10, 20]");
    }

    @Test
    void aRunWithoutCheckpointsHasNoNewest() throws IOException {
        assertThat(new Checkpoints(folder.resolve("none"), 1, 0).newest()).isEmpty();
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

package org.capi.data.imports;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.capi.data.CounterRandom;
import org.capi.data.TestImages;
import org.capi.data.image.ImageKernels;
import org.capi.data.source.folder.ImageFolder;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Imports that are killed, or find no room on the disk, in processes of their own. */
@Tag("slow")
class StoppedImportTest {

    private static final int TRAIN = 150;
    private static final int VAL = 50;
    private static final int KILLS = 20;

    @TempDir
    Path folder;

    private Path from;

    @BeforeAll
    static void unpackTensorFlow() {
        // Once, by a process that may write files of any size.
        new ImageKernels().close();
    }

    @BeforeEach
    void makeImages() throws IOException {
        from = folder.resolve("from");
        for (int i = 0; i < TRAIN + VAL; i++) {
            Path image = from.resolve((i < TRAIN ? "train" : "val") + "/class" + i % 7 + "/" + i + ".png");
            Files.createDirectories(image.getParent());
            Files.write(image, i % 13 == 5 ? new byte[] {1, 2, 3} : TestImages.png(8 + i % 9, 10, i));
        }
    }

    @Test
    void anImportThatWasKilledAtAnyMomentGoesOnToTheSameBytes() throws IOException, InterruptedException {
        Map<String, String> undisturbed = imported(folder.resolve("undisturbed"));
        var random = CounterRandom.of(11);
        int atWork = 0;
        int resumed = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            Path to = folder.resolve("to-" + kill);
            // The last of the moments lie after the last image: while the splits are completed and moved.
            int images = kill < KILLS - 4 ? random.below(TRAIN + VAL) : TRAIN + VAL;
            try (var child = ChildImport.start(from, to, "unlimited")) {
                child.awaitImages(images);
                Thread.sleep(random.below(8));
                atWork += child.kill() ? 1 : 0;
            }
            boolean partial = Files.exists(to.resolve("import.partial/journal.json"));
            resumed += partial ? 1 : 0;
            if (partial || !Files.exists(to.resolve("val"))) {
                imported(to);
            }
            assertThat(FolderContents.of(to))
                    .as("killed after %s images", images)
                    .isEqualTo(undisturbed);
        }
        assertThat(atWork).isGreaterThanOrEqualTo(KILLS - 4);
        assertThat(resumed).isGreaterThanOrEqualTo(KILLS / 2);
    }

    @Test
    void anImportThatCannotWriteSaysWhichFileAndGoesOnOnceItCan() throws IOException {
        // One image is larger than a file may be here, as if the disk were full at it.
        Files.write(from.resolve("train/class5/big.png"), TestImages.png(200, 200, 1));
        Path to = folder.resolve("to");
        try (var child = ChildImport.start(from, to, "64")) {
            assertThat(child.lastLine())
                    .startsWith(ChildImport.FAILED + "cannot write " + to.resolve("import.partial/train/shard-000"))
                    .contains(": File too large; ")
                    .endsWith(" images are kept in " + to.resolve("import.partial")
                            + ", and the same command continues from there");
        }
        assertThat(to.resolve("train")).doesNotExist();
        assertThat(imported(to)).isEqualTo(imported(folder.resolve("undisturbed")));
    }

    @Test
    void anImportThatCannotWriteItsFirstShardLeavesNothing() throws IOException {
        Files.write(from.resolve("train/class0/0.png"), TestImages.png(200, 200, 1));
        Path to = folder.resolve("to");
        try (var child = ChildImport.start(from, to, "64")) {
            assertThat(child.lastLine())
                    .isEqualTo(ChildImport.FAILED + "cannot write "
                            + to.resolve("import.partial/train/shard-00000.arrow") + ": File too large");
        }
        assertThat(to).doesNotExist();
    }

    private Map<String, String> imported(Path to) throws IOException {
        Import.run(ImageFolder.open(from), to, ChildImport.OPTIONS, (done, total) -> {});
        return FolderContents.of(to);
    }
}

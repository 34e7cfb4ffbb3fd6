package org.capi.eval.segment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.IntStream;
import org.capi.eval.rows.FeatureRows;
import org.capi.eval.rows.StoredBytes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** More labels than an array holds: as many as ADE20K has at 448 pixels, in a file that is all holes but a few. */
class PatchLabelsTest {

    private static final int IMAGES = 20_210;
    private static final int GRID = 32;
    private static final int SIDE = 14;
    private static final int PIXELS = SIDE * SIDE;
    private static final int PATCHES = IMAGES * GRID * GRID;
    private static final int BEYOND_INT = 10_960_000; // its labels begin at 2,148,160,000

    @TempDir
    private Path folder;

    @Test
    void labelsBeyondTheLargestIntAreReadAtTheirPlace() throws IOException {
        PatchLabels labels = labels();
        assertThat(labels.size()).isEqualTo(PATCHES);
        assertThat(patch(labels, PATCHES - 1)).containsOnly(9);
        assertThat(patch(labels, BEYOND_INT)).containsOnly(7);
        assertThat(patch(labels, BEYOND_INT + 1)).containsOnly(0);
        PatchLabels chosen = labels.only(new int[] {3, PATCHES - 1});
        assertThat(patch(chosen, 1)).containsOnly(9);
        assertThat(chosen.modes()).containsExactly(0, 9);
        PatchLabels joined = chosen.and(labels);
        assertThat(patch(joined, 2 + BEYOND_INT)).containsOnly(7);
    }

    @Test
    void anImageBeyondTheLargestIntIsPutTogether() throws IOException {
        byte[] image = labels().image((IMAGES - 1) * GRID * GRID, GRID, GRID);
        assertThat(image).hasSize(PIXELS * GRID * GRID);
        assertThat(image[image.length - 1]).isEqualTo((byte) 9);
        assertThat(image[image.length - 1 - SIDE]).isZero();
        assertThat(IntStream.range(0, image.length).filter(i -> image[i] == 9).count())
                .isEqualTo(PIXELS);
    }

    @Test
    void everySoManyThOfManyPatchesIsKept() throws IOException {
        var features = new FeatureRows.View(PATCHES, 1, (from, count, into, at) -> {});
        var patches = new Patches(features, labels());
        Patches fitted = patches.toFit(BEYOND_INT, Set.of(0));
        assertThat(fitted.size()).isEqualTo(1);
        assertThat(patch(fitted.labels(), 0)).containsOnly(7);
    }

    @Test
    void morePatchesThanCanBeCountedAreRefused() {
        var reading = new PatchReader(448, SIDE, Set.of(), 1);
        reading.checkPatches(1_953_125);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> reading.checkPatches(1_953_126))
                .withMessage(
                        "a segmentation takes at most 2000000000 patches of a set, 1953126 images of 1024 patches are"
                                + " more; give a smaller image_size");
    }

    private static byte[] patch(PatchLabels labels, int patch) {
        byte[] read = new byte[PIXELS];
        labels.read(patch, read, 0);
        return read;
    }

    private PatchLabels labels() throws IOException {
        Path file = folder.resolve("labels");
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            write(channel, BEYOND_INT, 7);
            write(channel, PATCHES - 1, 9);
            return PatchLabels.of(StoredBytes.map(channel), PIXELS);
        }
    }

    private static void write(FileChannel channel, int patch, int label) throws IOException {
        byte[] labels = new byte[PIXELS];
        Arrays.fill(labels, (byte) label);
        channel.write(ByteBuffer.wrap(labels), (long) patch * PIXELS);
    }
}

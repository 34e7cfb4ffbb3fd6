package org.capi.data.arrow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.capi.data.CounterRandom;
import org.capi.data.TestImages;
import org.capi.data.arrow.DatasetInfo.ShardContents;
import org.capi.fuzz.MutatedFiles;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RowIntegrityTest {

    private static final int ROWS = 6;
    private static final int FLIPS = 500;
    private static final int COPIES = Integer.getInteger("capi.fuzz.copies", 2000);
    private static final long MAX_BYTES = 64 << 20;

    @TempDir
    Path folder;

    private Path split;
    private Path shard;
    private byte[] content;

    @BeforeEach
    void write() throws IOException {
        split = folder.resolve("train");
        try (var writer = ImageDatasetWriter.create(split)) {
            for (int row = 0; row < ROWS; row++) {
                writer.add(image(row));
            }
            writer.finish("test", List.of("a", "b", "c", "d"), DatasetInfo.Skipped.NONE);
        }
        shard = split.resolve("shard-00000.arrow");
        content = Files.readAllBytes(shard);
    }

    @Test
    void aFlippedLabelIsNamedWithItsFileAndRow() throws IOException {
        int labels = find(integers(1, 2, 3, 0, 1));
        content[labels + 4 * 2] ^= 1; // the third row is of class 2 now
        refused("row 2: the checksum of its name, label and size differs");
    }

    @Test
    void aFlippedNameIsNamedWithItsFileAndRow() throws IOException {
        content[find("image 4".getBytes(StandardCharsets.UTF_8))] ^= 1;
        refused("row 4: the checksum of its name, label and size differs");
    }

    @Test
    void anOffsetOutOfTheColumnIsNamedWithItsFileAndRow() throws IOException {
        int first = image(0).encoded().remaining();
        int offsets = find(integers(0, first, first + image(1).encoded().remaining()));
        ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN).putInt(offsets + 8, Integer.MAX_VALUE);
        refused("row 1: its image lies outside of the column");
        ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN).putInt(offsets + 8, -5);
        refused("row 1: its image lies outside of the column");
    }

    @Test
    void aFlippedByteOfALabelMapIsFoundWhenItIsRead() throws IOException {
        content[find(map(3)) + 20] ^= 1;
        Files.write(shard, content);
        try (ImageDataset dataset = ImageDataset.open(split)) {
            assertThat(dataset.get(2)).isEqualTo(image(2));
            assertThatThrownBy(() -> dataset.get(3))
                    .isInstanceOf(IOException.class)
                    .hasMessage("row 3 of " + split + ": the label map of image 3 is damaged: its checksum differs");
        }
        assertThat(Verification.faults(split, (done, total) -> {}))
                .containsExactly(
                        shard + ": its checksum differs", "row 3, image 3: the checksum of its label map differs");
    }

    @Test
    void aFlippedByteIsRefusedOrChangesNothing() throws IOException {
        List<ImageRecord> written = rows(split);
        var random = CounterRandom.of(7);
        int refused = 0;
        for (int flip = 0; flip < FLIPS; flip++) {
            byte[] flipped = content.clone();
            int at = random.below(content.length);
            flipped[at] ^= (byte) (1 << random.below(8));
            Files.write(shard, flipped);
            try {
                assertThat(rows(split)).as("byte %s", at).isEqualTo(written);
            } catch (IOException | IllegalArgumentException e) {
                assertThat(e.getMessage()).contains(split.toString());
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(FLIPS / 4);
    }

    @Test
    void aSplitOfTheSecondFormatIsStillRead() throws Exception {
        Path old = Path.of(Objects.requireNonNull(RowIntegrityTest.class.getResource("/dataset-2"))
                .toURI());
        assertThat(rows(old))
                .extracting(row -> row.name() + " " + row.label() + " " + row.width() + "x" + row.height())
                .containsExactly("a/0.png 0 4x3", "a/2.png 0 4x3", "b/1.png 1 4x3", "b/3.png 1 4x3");
        assertThat(Verification.faults(old, (done, total) -> {})).isEmpty();
    }

    @Test
    @Tag("slow")
    void aMutatedShardIsReadOrRefused() {
        MutatedFiles.parseAll(List.of(shard), folder, COPIES, MAX_BYTES, file -> {
            Path place = Files.createDirectories(folder.resolve("mutated"));
            Files.copy(file, place.resolve("s.arrow"), StandardCopyOption.REPLACE_EXISTING);
            var info = new DatasetInfo.ShardInfo("s.arrow", ROWS, Files.size(file), 0);
            SplitWriter.describe(
                    place,
                    DatasetInfo.of(
                            "test",
                            List.of("a", "b", "c", "d"),
                            List.of(),
                            new ShardContents(List.of(info), ROWS, ROWS, List.of()),
                            DatasetInfo.Skipped.NONE,
                            null));
            rows(place);
        });
    }

    @Test
    @Tag("slow")
    void aMutatedDescriptionIsReadOrRefused() {
        MutatedFiles.parseAll(List.of(split.resolve("dataset.json")), folder, COPIES, MAX_BYTES, file -> {
            Files.copy(file, split.resolve("dataset.json"), StandardCopyOption.REPLACE_EXISTING);
            rows(split);
        });
    }

    @Test
    void aShardOutOfTheFolderIsRefused() throws IOException {
        Path file = split.resolve("dataset.json");
        Files.writeString(file, Files.readString(file).replace("shard-00000.arrow", "../train/shard-00000.arrow"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ImageDataset.open(split))
                .withMessage("damaged " + file + ": '../train/shard-00000.arrow' is not the name of a file");
    }

    private void refused(String reason) throws IOException {
        Files.write(shard, content);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ImageDataset.open(split))
                .withMessage("damaged dataset: " + shard + ": " + reason);
        assertThat(Verification.faults(split, (done, total) -> {})).contains(reason);
    }

    private static List<ImageRecord> rows(Path split) throws IOException {
        List<ImageRecord> rows = new ArrayList<>();
        try (ImageDataset dataset = ImageDataset.open(split)) {
            for (long row = 0; row < dataset.size(); row++) {
                rows.add(dataset.get(row));
            }
            dataset.summary();
        }
        return rows;
    }

    private static ImageRecord image(int row) {
        ByteBuffer map = row % 2 == 0 ? null : ByteBuffer.wrap(map(row));
        var png = ByteBuffer.wrap(TestImages.png(8, 9, row));
        return new ImageRecord("image " + row, png, (row + 1) % 4, map, 9, 8);
    }

    private static byte[] map(int row) {
        return TestImages.png(8, 9, 100 + row);
    }

    private static byte[] integers(int... values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (int value : values) {
            bytes.putInt(value);
        }
        return bytes.array();
    }

    /** Where the shard holds these bytes. */
    private int find(byte[] bytes) {
        int at = new String(content, StandardCharsets.ISO_8859_1)
                .indexOf(new String(bytes, StandardCharsets.ISO_8859_1));
        assertThat(at).isNotNegative();
        return at;
    }
}

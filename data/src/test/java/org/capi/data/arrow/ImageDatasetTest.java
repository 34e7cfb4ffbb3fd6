package org.capi.data.arrow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.capi.data.CounterRandom;
import org.capi.data.arrow.ImageDataset.RowFacts;
import org.capi.data.arrow.ImageDataset.ShardException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageDatasetTest {

    private static final int IMAGES = 50;

    @TempDir
    Path folder;

    @Test
    void everyRowComesBackAsItWasWritten() throws IOException {
        write(folder.resolve("train"), 1 << 30);
        try (ImageDataset dataset = ImageDataset.open(folder.resolve("train"))) {
            assertThat(dataset.size()).isEqualTo(IMAGES);
            assertThat(dataset.classes()).containsExactly("cat", "dog");
            assertThat(dataset.info().labelled()).isEqualTo(IMAGES - 10);
            assertThat(dataset.info().labelMaps()).isEqualTo(25);
            for (int row = IMAGES - 1; row >= 0; row--) {
                assertThat(dataset.get(row)).isEqualTo(image(row));
            }
        }
    }

    @Test
    void theFactsOfARowAreThoseOfItsImage() throws IOException {
        write(folder.resolve("train"), 5000);
        try (ImageDataset dataset = ImageDataset.open(folder)) {
            for (int row = 0; row < IMAGES; row++) {
                ImageRecord image = image(row);
                assertThat(dataset.facts(row))
                        .isEqualTo(new RowFacts(
                                image.label(),
                                image.width(),
                                image.height(),
                                image.encoded().remaining(),
                                image.labelMap() != null));
            }
            assertThatThrownBy(() -> dataset.facts(IMAGES)).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    @Test
    void aSplitIsCutIntoShardsOfTheGivenSize() throws IOException {
        DatasetInfo info = write(folder.resolve("train"), 5000);
        assertThat(info.shards())
                .hasSizeBetween(8, 12)
                .allSatisfy(shard -> assertThat(shard.rows()).isPositive());
        try (ImageDataset dataset = ImageDataset.open(folder)) {
            for (int row = 0; row < IMAGES; row++) {
                assertThat(dataset.get(row)).isEqualTo(image(row));
            }
        }
    }

    @Test
    void theDescriptionIsReadBackAsItWasWritten() throws IOException {
        DatasetInfo written = write(folder.resolve("train"), 5000);
        assertThat(DatasetInfo.read(folder.resolve("train"))).isEqualTo(written);
    }

    @Test
    void aRecordStaysReadableAfterItsDatasetIsClosed() throws IOException {
        write(folder.resolve("train"), 1 << 30);
        ImageRecord kept;
        try (ImageDataset dataset = ImageDataset.open(folder)) {
            kept = dataset.get(7);
        }
        assertThat(kept).isEqualTo(image(7));
    }

    @Test
    void manyThreadsReadAtOnce() throws IOException {
        write(folder.resolve("train"), 3000);
        try (ImageDataset dataset = ImageDataset.open(folder)) {
            assertThat(IntStream.range(0, 4000).parallel().allMatch(i -> {
                        try {
                            return dataset.get(i % IMAGES).equals(image(i % IMAGES));
                        } catch (IOException e) {
                            return false;
                        }
                    }))
                    .isTrue();
        }
    }

    @Test
    void aWriterThatIsClosedEarlyLeavesNothing() throws IOException {
        try (var writer = ImageDatasetWriter.create(folder.resolve("train"))) {
            writer.add(image(0));
        }
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void anExistingSplitIsNotOverwritten() throws IOException {
        write(folder.resolve("train"), 5000);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ImageDatasetWriter.create(folder.resolve("train")))
                .withMessageContaining("exists already")
                .withMessageContaining("train");
    }

    @Test
    void aMissingAnEmptyAndAForeignFolderAreRefusedByName() throws IOException {
        Path missing = folder.resolve("nowhere");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ImageDataset.open(missing))
                .withMessage("no dataset folder: " + missing);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ImageDataset.open(folder))
                .withMessageContaining("no dataset in " + folder)
                .withMessageContaining("dataset.json");
        Files.writeString(folder.resolve("dataset.json"), "{\"rows\": 3}");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ImageDataset.open(folder))
                .withMessageContaining("damaged " + folder.resolve("dataset.json"));
    }

    @Test
    void aShortAndAMissingShardAreFoundAtOpening() throws IOException {
        write(folder.resolve("train"), 1 << 30);
        Path shard = folder.resolve("train/shard-00000.arrow");
        byte[] content = Files.readAllBytes(shard);
        Files.write(shard, Arrays.copyOf(content, content.length / 2));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ImageDataset.open(folder))
                .withMessageStartingWith("damaged dataset: " + shard);
        Files.delete(shard);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ImageDataset.open(folder))
                .withMessageContaining("the file is missing");
    }

    @Test
    void anOverwrittenShardIsRefusedOrItsImageNamed() throws IOException {
        write(folder.resolve("train"), 1 << 30);
        Path shard = folder.resolve("train/shard-00000.arrow");
        byte[] content = Files.readAllBytes(shard);
        int at = indexOf(content, image(0).encoded().array());
        try (var file = Files.newByteChannel(shard, StandardOpenOption.WRITE)) {
            file.position(at + 20).write(ByteBuffer.wrap(new byte[] {1, 2, 3, 4, 5}));
        }
        try (ImageDataset dataset = ImageDataset.open(folder)) {
            assertThatThrownBy(() -> dataset.get(0))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("name-0 é.png")
                    .hasMessageContaining("checksum");
            assertThat(dataset.get(1)).isEqualTo(image(1));
            assertThat(Verification.faults(folder.resolve("train"), (done, total) -> {}))
                    .containsExactly(shard + ": its checksum differs", "row 0, name-0 é.png: its checksum differs");
        }
        Files.write(shard, new byte[content.length]);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ImageDataset.open(folder))
                .withMessageStartingWith("damaged dataset: " + shard);
    }

    @Test
    void aShardThatIsCutOffWhileItIsOpenIsAnErrorThatNamesIt() throws IOException {
        write(folder.resolve("train"), 1 << 30);
        Path shard = folder.resolve("train/shard-00000.arrow");
        try (ImageDataset dataset = ImageDataset.open(folder)) {
            try (var file = Files.newByteChannel(shard, StandardOpenOption.WRITE)) {
                file.truncate(4000);
            }
            assertThat(dataset.get(0)).isEqualTo(image(0));
            assertThatThrownBy(() -> dataset.get(IMAGES - 1))
                    .isInstanceOf(ShardException.class)
                    .hasMessageStartingWith(shard + " was cut off while it was in use: it has 4000 bytes, bytes ");
            assertThat(dataset.facts(IMAGES - 1).width()).isEqualTo(IMAGES);
        }
    }

    @Test
    void anInterruptedReaderTakesTheFileFromNobody() throws IOException {
        write(folder.resolve("train"), 1 << 30);
        try (ImageDataset dataset = ImageDataset.open(folder)) {
            Thread.currentThread().interrupt();
            assertThat(dataset.get(3)).isEqualTo(image(3));
            assertThat(Thread.interrupted()).isTrue();
            assertThat(dataset.get(4)).isEqualTo(image(4));
        }
    }

    @Test
    void aSoundDatasetHasNoDamage() throws IOException {
        write(folder.resolve("train"), 5000);
        assertThat(Verification.faults(folder.resolve("train"), (done, total) -> {}))
                .isEmpty();
    }

    private static DatasetInfo write(Path split, long shardBytes) throws IOException {
        try (var writer = ImageDatasetWriter.create(split, shardBytes)) {
            for (int row = 0; row < IMAGES; row++) {
                writer.add(image(row));
            }
            return writer.finish(
                    "test", List.of("cat", "dog"), new DatasetInfo.Skipped(1, Map.of("odd", 1L), List.of("x: odd")));
        }
    }

    private static ImageRecord image(int row) {
        var random = CounterRandom.of(row);
        byte[] encoded = new byte[500 + 10 * row];
        for (int i = 0; i < encoded.length; i++) {
            encoded[i] = (byte) random.bits();
        }
        return new ImageRecord(
                "name-" + row + " é.png",
                ByteBuffer.wrap(encoded),
                row % 5 == 4 ? ImageRecord.UNLABELLED : row % 2,
                row % 2 == 0 ? null : ByteBuffer.wrap(encoded, 3, 40).slice(),
                row + 1,
                2 * row + 1);
    }

    private static int indexOf(byte[] content, byte[] part) {
        return IntStream.range(0, content.length - part.length)
                .filter(i -> Arrays.equals(content, i, i + part.length, part, 0, part.length))
                .findFirst()
                .orElseThrow();
    }
}

package org.capi.data.arrow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.capi.data.CounterRandom;
import org.capi.data.TestImages;
import org.capi.data.arrow.DatasetInfo.ShardContents;
import org.capi.data.arrow.DatasetInfo.Skipped;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerificationTest {

    private static final int FLIPS = 60;

    @TempDir
    Path folder;

    private Path split;

    @BeforeEach
    void write() throws IOException {
        split = Files.createDirectories(folder.resolve("train"));
        try (var writer = new SplitWriter(split, 2500, ShardContents.NONE)) {
            for (int i = 0; i < 40; i++) {
                var png = ByteBuffer.wrap(TestImages.png(8, 9, i));
                writer.add(new ImageRecord("image " + i, png, i % 3, i % 2 == 0 ? null : png, 9, 8));
            }
            writer.endShard();
            Files.writeString(split.resolve("skipped.tsv"), "name\treason\n");
            SplitWriter.describe(
                    split,
                    DatasetInfo.of(
                            "test of é",
                            List.of("a", "b", "c"),
                            List.of(255),
                            writer.contents(),
                            new Skipped(1, Map.of("reason", 1L), List.of("name: reason")),
                            DatasetInfo.ListInfo.of(split.resolve("skipped.tsv"))));
        }
    }

    @Test
    void aSoundSplitHasNoFaultAndProgressCountsItsBytes() throws IOException {
        List<Long> progress = new ArrayList<>();
        assertThat(Verification.faults(split, (done, total) -> progress.add(total - done)))
                .isEmpty();
        assertThat(progress).isSortedAccordingTo((a, b) -> Long.compare(b, a)).endsWith(0L);
    }

    @Test
    void everyFlippedByteIsFound() throws IOException {
        var random = CounterRandom.of(5);
        for (Path file : files()) {
            byte[] content = Files.readAllBytes(file);
            for (int flip = 0; flip < FLIPS; flip++) {
                byte[] flipped = content.clone();
                int at = random.below(content.length);
                flipped[at] ^= (byte) (1 + random.below(255));
                Files.write(file, flipped);
                assertThat(faults())
                        .as("byte %s of %s", at, file)
                        .isNotEmpty()
                        .anySatisfy(fault -> assertThat(fault).contains(file.toString()));
            }
            Files.write(file, content);
        }
        assertThat(faults()).isEmpty();
    }

    @Test
    void everyFlippedBitOfTheDescriptionIsFound() throws IOException {
        Path file = split.resolve("dataset.json");
        byte[] content = Files.readAllBytes(file);
        for (int at = 0; at < content.length; at++) {
            byte[] flipped = content.clone();
            flipped[at] ^= (byte) (1 << at % 8);
            assertThat(DatasetInfo.isSound(flipped)).as("byte %s", at).isFalse();
        }
        assertThat(DatasetInfo.isSound(content)).isTrue();
        assertThat(DatasetInfo.isSound(Arrays.copyOf(content, content.length - 1)))
                .isFalse();
    }

    @Test
    void everyFaultIsNamedNotOnlyTheFirst() throws IOException {
        Files.delete(shard(0));
        byte[] content = Files.readAllBytes(shard(1));
        Files.write(shard(1), Arrays.copyOf(content, content.length - 100));
        Files.write(shard(2), new byte[(int) Files.size(shard(2))]);
        Files.writeString(split.resolve("skipped.tsv"), "Name\treason\n");
        assertThat(faults())
                .hasSize(5)
                .contains(
                        split.resolve("skipped.tsv") + ": its checksum differs",
                        shard(0) + ": the file is missing",
                        shard(1) + ": it has " + (content.length - 100) + " bytes, not " + content.length,
                        shard(2) + ": its checksum differs")
                .anySatisfy(fault -> assertThat(fault).startsWith(shard(2) + ": it cannot be read: "));
    }

    @Test
    void theRowsWhoseImagesAreDamagedAreNamed() throws IOException {
        byte[] content = Files.readAllBytes(shard(1));
        byte[] signature = Arrays.copyOf(TestImages.png(8, 9, 0), 8);
        int at = new String(content, StandardCharsets.ISO_8859_1)
                .indexOf(new String(signature, StandardCharsets.ISO_8859_1));
        content[at + 30] ^= 1;
        Files.write(shard(1), content);
        long firstRow = DatasetInfo.read(split).shards().get(0).rows();
        assertThat(faults())
                .containsExactly(
                        shard(1) + ": its checksum differs",
                        "row " + firstRow + ", image " + firstRow + ": its checksum differs");
    }

    @Test
    void aSplitOfTheFirstFormatIsStillRead() throws IOException {
        Path file = split.resolve("dataset.json");
        String now = Files.readString(file);
        Files.writeString(
                file,
                now.replace("\"format_version\" : 3", "\"format_version\" : 1")
                        .replaceAll("(?s)  \"ignore_labels\".*?],\n", "")
                        .replaceAll("(?s)  \"class_counts\".*?],\n", "")
                        .replaceAll("(?s),\n  \"skipped_list\".*", "\n}\n"));
        DatasetInfo info = DatasetInfo.read(split);
        assertThat(info.formatVersion()).isEqualTo(1);
        assertThat(info.classCounts()).isEmpty();
        assertThat(info.ignoreLabels()).isEmpty();
        assertThat(info.skippedList()).isNull();
        try (ImageDataset dataset = ImageDataset.open(split)) {
            assertThat(dataset.get(39).name()).isEqualTo("image 39");
        }
        assertThat(faults()).isEmpty();
    }

    @Test
    void aSplitOfANewerFormatIsRefused() throws IOException {
        Path file = split.resolve("dataset.json");
        Files.writeString(file, "{\"format_version\": 4, \"colours\": 5}");
        String refusal = file + " has format_version 4; this program reads versions 1 to 3: a newer program wrote it";
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ImageDataset.open(split))
                .withMessage(refusal);
        assertThat(faults()).containsExactly(refusal);
    }

    @Test
    void aSplitWhoseDescriptionWasLostIsStillFound() throws IOException {
        Files.delete(split.resolve("dataset.json"));
        assertThat(new DatasetPath(folder, null).splits()).containsExactly(split);
        assertThatIllegalArgumentException().isThrownBy(this::faults).withMessageStartingWith("no dataset in " + split);
    }

    private List<String> faults() throws IOException {
        return Verification.faults(split, (done, total) -> {});
    }

    private Path shard(int index) {
        return split.resolve("shard-0000" + index + ".arrow");
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(split)) {
            return files.sorted().toList();
        }
    }
}

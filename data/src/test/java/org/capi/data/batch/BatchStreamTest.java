package org.capi.data.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import org.capi.data.TestImages;
import org.capi.data.arrow.DatasetInfo;
import org.capi.data.arrow.ImageDataset;
import org.capi.data.arrow.ImageDatasetWriter;
import org.capi.data.arrow.ImageRecord;
import org.capi.data.image.Pixels;
import org.capi.data.image.Png;
import org.capi.data.mask.MaskGenerator.Edges;
import org.capi.data.mask.MaskGenerator.InverseBlockMask;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;

class BatchStreamTest {

    private static final int BATCH = 4;

    @TempDir
    static Path folder;

    @BeforeAll
    static void writeDatasets() throws IOException {
        write("sound", 11, new int[0]);
        write("corrupt", 11, new int[] {2, 3, 8});
        write("broken", 3, new int[] {0, 1, 2});
        writeSolid("solid", 11);
    }

    /** The content of one batch. */
    private record Content(long step, List<Byte> images, List<Long> visible, List<Long> predicted) {}

    @Test
    void aBatchHasTheShapesAndCountsOfTheSettings() {
        try (ImageDataset dataset = open("sound");
                BatchStream stream = BatchStream.open(dataset, settings(2, 2), 5);
                Batch batch = stream.next()) {
            assertThat(batch.step()).isEqualTo(5);
            assertThat(batch.images().shape()).isEqualTo(Shape.of(BATCH, 16, 24, 3));
            // 4 x 6 patches, of which 15 are masked and 7 of those predicted
            assertThat(batch.visible().shape()).isEqualTo(Shape.of(BATCH * 9));
            assertThat(batch.predicted().shape()).isEqualTo(Shape.of(BATCH * 7));
            for (int row = 0; row < BATCH; row++) {
                List<Long> visible = longs(batch.visible()).subList(row * 9, row * 9 + 9);
                List<Long> predicted = longs(batch.predicted()).subList(row * 7, row * 7 + 7);
                assertThat(visible).isSorted().doesNotContainAnyElementsOf(predicted);
                assertThat(visible).allMatch(inImage(row));
                assertThat(predicted).allMatch(inImage(row)).doesNotHaveDuplicates();
            }
        }
    }

    @Test
    void theNumberOfThreadsChangesNothing() {
        assertThat(read("sound", settings(4, 3), 0, 8)).isEqualTo(read("sound", settings(1, 1), 0, 8));
    }

    @Test
    void aStreamOpenedLaterGoesOnWithTheSameBatches() {
        List<Content> all = read("sound", settings(2, 2), 0, 8);
        assertThat(read("sound", settings(4, 1), 5, 3)).isEqualTo(all.subList(5, 8));
        assertThat(all).doesNotHaveDuplicates();
    }

    @Test
    void anotherSeedGivesOtherBatches() {
        BatchSettings other = new BatchSettings(
                BATCH, 16, 24, 4, 0.6, 1, true, new InverseBlockMask(0.5, Edges.ROLLED), 0.65, 0.5, 2, 1, 2, 0, 1);
        assertThat(read("sound", other, 0, 1)).isNotEqualTo(read("sound", settings(1, 2), 0, 1));
    }

    @Test
    void everyImageComesOnceInAnEpoch() {
        // 11 steps of 4 are 4 epochs of 11 images; of one grey each, which no crop changes.
        BatchSettings plain = new BatchSettings(
                BATCH, 16, 24, 4, 1, 1, false, new InverseBlockMask(0.5, Edges.ROLLED), 0.65, 0.5, 1, 2, 2, 0, 1);
        List<List<Byte>> images = new ArrayList<>();
        for (Content batch : read("solid", plain, 0, 11)) {
            for (int row = 0; row < BATCH; row++) {
                images.add(batch.images().subList(row * 1152, row * 1152 + 1152));
            }
        }
        for (int epoch = 0; epoch < 4; epoch++) {
            assertThat(images.subList(epoch * 11, epoch * 11 + 11)).doesNotHaveDuplicates();
        }
        assertThat(images.stream().distinct()).hasSize(11);
    }

    @Test
    void workersShareTheBatchesOfOneLargerOne() {
        List<Content> first = read("sound", worker(0, 2), 0, 3);
        List<Content> second = read("sound", worker(1, 2), 0, 3);
        assertThat(first).doesNotContainAnyElementsOf(second);
        // Worker k's batch of step s holds the samples that one worker alone would have in step 2 s + k.
        List<Content> alone = read("sound", settings(1, 2), 0, 6);
        for (int s = 0; s < 3; s++) {
            assertThat(first.get(s).images()).isEqualTo(alone.get(2 * s).images());
            assertThat(second.get(s).images()).isEqualTo(alone.get(2 * s + 1).images());
        }
    }

    @Test
    void anUnreadableImageIsReplacedTheSameWayEveryTime() {
        try (ImageDataset dataset = open("corrupt");
                BatchStream stream = BatchStream.open(dataset, settings(2, 2), 0)) {
            for (int step = 0; step < 6; step++) {
                stream.next().close();
            }
            assertThat(stream.unreadableImages()).isEqualTo(3);
        }
        assertThat(read("corrupt", settings(4, 2), 0, 6)).isEqualTo(read("corrupt", settings(1, 2), 0, 6));
    }

    @Test
    void aDatasetWithoutOneReadableImageStopsTheReaderAndNamesAnImage() {
        try (ImageDataset dataset = open("broken");
                BatchStream stream = BatchStream.open(dataset, settings(2, 2), 0)) {
            assertThatThrownBy(stream::next)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("batch of step 0")
                    .hasMessageContaining("no readable image among 3")
                    .hasMessageContaining(".png");
        }
    }

    @Test
    void aShardThatIsCutOffStopsTheReaderAndIsNamed() throws IOException {
        write("shortened", 11, new int[0]);
        Path shard = folder.resolve("shortened/shard-00000.arrow");
        try (ImageDataset dataset = open("shortened")) {
            Files.write(shard, Arrays.copyOf(Files.readAllBytes(shard), 1000));
            try (BatchStream stream = BatchStream.open(dataset, settings(2, 2), 0)) {
                assertThatThrownBy(() -> {
                            while (true) {
                                stream.next().close();
                            }
                        })
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining(shard + " was cut off while it was in use: it has 1000 bytes");
                assertThat(stream.unreadableImages()).isZero();
            }
        }
    }

    @Test
    void closingStopsTheThreads() {
        try (ImageDataset dataset = open("sound")) {
            BatchStream stream = BatchStream.open(dataset, settings(3, 2), 0);
            stream.next().close();
            assertThat(stream.waitedSeconds()).isPositive();
            stream.close();
            stream.close();
            assertThat(Thread.getAllStackTraces().keySet())
                    .noneMatch(t -> t.getName().startsWith("batch-"));
            assertThatThrownBy(stream::next).hasMessageContaining("closed");
        }
    }

    @Test
    void impossibleSettingsAreRefusedWithTheirKey() {
        assertRefused("image_size: the height of 17 pixels must be a multiple of patch_size, 4", 17, 0.65, 0.5);
        assertRefused("mask_ratio must be above 0 and below 1, was 1.0", 16, 1, 0.5);
        assertRefused("leave no patch to predict", 16, 0.65, 0.01);
    }

    private static void assertRefused(String message, int height, double maskRatio, double subsampling) {
        assertThatThrownBy(() -> new BatchSettings(
                        BATCH,
                        height,
                        24,
                        4,
                        0.6,
                        1,
                        true,
                        new InverseBlockMask(0.5, Edges.ROLLED),
                        maskRatio,
                        subsampling,
                        1,
                        1,
                        1,
                        0,
                        1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    private static Predicate<Long> inImage(int row) {
        return position -> position >= row * 24L && position < row * 24L + 24;
    }

    private static BatchSettings settings(int threads, int queueDepth) {
        return new BatchSettings(
                BATCH,
                16,
                24,
                4,
                0.6,
                1,
                true,
                new InverseBlockMask(0.5, Edges.ROLLED),
                0.65,
                0.5,
                1,
                threads,
                queueDepth,
                0,
                1);
    }

    private static BatchSettings worker(int rank, int world) {
        return new BatchSettings(
                BATCH,
                16,
                24,
                4,
                0.6,
                1,
                true,
                new InverseBlockMask(0.5, Edges.ROLLED),
                0.65,
                0.5,
                1,
                2,
                2,
                rank,
                world);
    }

    private static ImageDataset open(String name) {
        return ImageDataset.open(folder.resolve(name));
    }

    private static List<Content> read(String name, BatchSettings settings, long firstStep, int steps) {
        List<Content> contents = new ArrayList<>();
        try (ImageDataset dataset = open(name);
                BatchStream stream = BatchStream.open(dataset, settings, firstStep)) {
            for (int s = 0; s < steps; s++) {
                try (Batch batch = stream.next()) {
                    contents.add(new Content(
                            batch.step(), bytes(batch.images()), longs(batch.visible()), longs(batch.predicted())));
                }
            }
        }
        return contents;
    }

    private static List<Byte> bytes(Tensor tensor) {
        byte[] bytes = new byte[(int) tensor.numBytes()];
        tensor.asRawTensor().data().read(bytes);
        List<Byte> list = new ArrayList<>(bytes.length);
        for (byte b : bytes) {
            list.add(b);
        }
        return list;
    }

    private static List<Long> longs(Tensor tensor) {
        long[] values = new long[(int) (tensor.numBytes() / 8)];
        tensor.asRawTensor().data().asLongs().read(values);
        return Arrays.stream(values).boxed().toList();
    }

    private static void write(String name, int images, int[] corrupt) throws IOException {
        try (var writer = ImageDatasetWriter.create(folder.resolve(name))) {
            for (int i = 0; i < images; i++) {
                byte[] png = TestImages.png(20 + i, 30, i);
                int image = i;
                if (Arrays.stream(corrupt).anyMatch(c -> c == image)) {
                    png = Arrays.copyOf(png, png.length / 2);
                }
                writer.add(new ImageRecord(i + ".png", ByteBuffer.wrap(png), -1, null, 30, 20 + i));
            }
            writer.finish("test", List.of(), DatasetInfo.Skipped.NONE);
        }
    }

    private static void writeSolid(String name, int images) throws IOException {
        try (var writer = ImageDatasetWriter.create(folder.resolve(name))) {
            for (int i = 0; i < images; i++) {
                byte[] grey = new byte[20 * 30 * 3];
                Arrays.fill(grey, (byte) (20 * i));
                byte[] png = Png.encode(new Pixels(ByteBuffer.wrap(grey), 20, 30, 3));
                writer.add(new ImageRecord(i + ".png", ByteBuffer.wrap(png), -1, null, 30, 20));
            }
            writer.finish("test", List.of(), DatasetInfo.Skipped.NONE);
        }
    }
}

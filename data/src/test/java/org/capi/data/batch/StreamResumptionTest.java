package org.capi.data.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.capi.data.CounterRandom;
import org.capi.data.TestImages;
import org.capi.data.arrow.DatasetInfo;
import org.capi.data.arrow.ImageDatasetWriter;
import org.capi.data.arrow.ImageRecord;
import org.capi.data.batch.Samples.Sample;
import org.capi.data.batch.StreamContent.Shown;
import org.capi.data.image.ImageKernels;
import org.capi.data.mask.MaskGenerator.Edges;
import org.capi.data.mask.MaskGenerator.InverseBlockMask;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The samples of 200 steps over 37 images: 21 epochs. */
class StreamResumptionTest {

    private static final int IMAGES = 37;
    private static final int BATCH = 4;
    private static final int STEPS = 200;
    private static final int SAMPLES = STEPS * BATCH;

    @TempDir
    static Path folder;

    private static List<Shown> uninterrupted = List.of();

    @BeforeAll
    static void readUninterrupted() throws IOException {
        try (var writer = ImageDatasetWriter.create(folder.resolve("set"))) {
            for (int i = 0; i < IMAGES; i++) {
                byte[] file = i % 2 == 0 ? TestImages.png(20 + i, 30, i) : TestImages.jpeg(30, 20 + i);
                int width = i % 2 == 0 ? 30 : 20 + i;
                int height = i % 2 == 0 ? 20 + i : 30;
                writer.add(new ImageRecord(i + "", ByteBuffer.wrap(file), -1, null, width, height));
            }
            writer.finish("test", List.of(), DatasetInfo.Skipped.NONE);
        }
        uninterrupted = read(settings(BATCH, 1, 0, 1), StreamState.start(SEED, IMAGES), STEPS);
    }

    private static final long SEED = 5;

    @Test
    void twoAndEightThreadsGiveTheSamplesOfOne() {
        for (int threads : new int[] {2, 8}) {
            assertThat(read(settings(BATCH, threads, 0, 1), StreamState.start(SEED, IMAGES), STEPS))
                    .isEqualTo(uninterrupted);
        }
        assertThat(uninterrupted).hasSize(SAMPLES).doesNotHaveDuplicates();
    }

    @Test
    void aStreamRestoredAtTwentyRandomPlacesGoesOnWithTheVerySameSamples() {
        var random = CounterRandom.of(99);
        for (int trial = 0; trial < 20; trial++) {
            int from = random.below(SAMPLES);
            int steps = Math.min(12, (SAMPLES - from) / BATCH);
            int threads = 1 + random.below(4);
            StreamState state = new StreamState(SEED, IMAGES, from / IMAGES, from % IMAGES);
            assertThat(read(settings(BATCH, threads, 0, 1), state, steps))
                    .as("from sample " + from)
                    .isEqualTo(uninterrupted.subList(from, from + steps * BATCH));
        }
    }

    @Test
    void theStateOfAStreamSaysWhereTheNextBatchBegins() {
        try (Images images = Images.open(folder.resolve("set").toString());
                BatchStream stream =
                        BatchStream.open(images, settings(BATCH, 2, 0, 1), StreamState.start(SEED, IMAGES), 0)) {
            assertThat(stream.state()).isEqualTo(new StreamState(SEED, IMAGES, 0, 0));
            StreamContent.take(stream, 23);
            assertThat(stream.state()).isEqualTo(new StreamState(SEED, IMAGES, 2, 18)); // 92 = 2 * 37 + 18
        }
    }

    @Test
    void workersAndBatchesOfAnotherSizeGoOnWithTheSameSamples() {
        StreamState state = StreamState.start(SEED, IMAGES).after(50);
        List<Shown> first = read(settings(2, 2, 0, 3), state, 5);
        List<Shown> second = read(settings(2, 2, 1, 3), state, 5);
        List<Shown> third = read(settings(2, 2, 2, 3), state, 5);
        for (int step = 0; step < 5; step++) {
            int place = 50 + 6 * step;
            assertThat(first.subList(2 * step, 2 * step + 2)).isEqualTo(uninterrupted.subList(place, place + 2));
            assertThat(second.subList(2 * step, 2 * step + 2)).isEqualTo(uninterrupted.subList(place + 2, place + 4));
            assertThat(third.subList(2 * step, 2 * step + 2)).isEqualTo(uninterrupted.subList(place + 4, place + 6));
        }
    }

    @Test
    void aSampleComputedAloneIsThatOfTheStream() throws IOException {
        try (Images images = Images.open(folder.resolve("set").toString());
                var kernels = new ImageKernels()) {
            var samples = new Samples(images, settings(BATCH, 1, 0, 1), kernels);
            for (int position : new int[] {0, 36, 37, 799}) {
                Sample sample = samples.at(position);
                Shown shown = uninterrupted.get(position);
                byte[] pixels = sample.crop().toArray();
                assertThat(shown.pixels()).hasSize(pixels.length);
                for (int i = 0; i < pixels.length; i++) {
                    assertThat(shown.pixels().get(i)).isEqualTo(pixels[i]);
                }
                assertThat(sample.visible()).isEqualTo(shown.visible());
                assertThat(sample.predicted()).isEqualTo(shown.predicted());
                assertThat(sample.row()).isEqualTo(new SampleOrder(SEED, IMAGES).at(position));
                assertThat(sample.image().name()).isEqualTo(sample.row() + "");
            }
        }
    }

    @Test
    void theStateOfAnotherStreamIsRefused() {
        assertThatThrownBy(() -> read(settings(BATCH, 1, 0, 1), StreamState.start(6, IMAGES), 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("with seed 6, not 5");
        assertThatThrownBy(() -> read(settings(BATCH, 1, 0, 1), StreamState.start(SEED, 36), 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("from 36 images, not 37");
    }

    private static List<Shown> read(BatchSettings settings, StreamState state, int steps) {
        try (Images images = Images.open(folder.resolve("set").toString());
                BatchStream stream = BatchStream.open(images, settings, state, 0)) {
            return StreamContent.take(stream, steps);
        }
    }

    private static BatchSettings settings(int batch, int threads, int rank, int world) {
        return new BatchSettings(
                batch,
                16,
                24,
                4,
                0.6,
                1,
                true,
                new InverseBlockMask(0.5, Edges.ROLLED),
                0.65,
                0.5,
                SEED,
                threads,
                3,
                rank,
                world);
    }
}

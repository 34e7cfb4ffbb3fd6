package org.capi.data.source.drawn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.capi.data.CounterRandom;
import org.capi.data.arrow.ImageDataset;
import org.capi.data.arrow.ImageRecord;
import org.capi.data.image.ImageKernels;
import org.capi.data.image.Pixels;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DrawingsTest {

    private static final int SIZE = 64;
    private static final int CLASSES = DrawnFigure.ALL.size();

    @TempDir
    Path folder;

    @Test
    void theSplitsHoldLabelledImagesWithPixelMaps() throws IOException {
        new Drawings(40, 20, SIZE, 1).generate(folder.resolve("set"), (done, total) -> {});
        try (ImageDataset train = ImageDataset.open(folder.resolve("set"));
                ImageDataset val = ImageDataset.open(folder.resolve("set") + ":val");
                var kernels = new ImageKernels()) {
            assertThat(train.size()).isEqualTo(40);
            assertThat(val.size()).isEqualTo(20);
            assertThat(train.classes()).isEqualTo(Drawings.classes()).hasSize(CLASSES);
            assertThat(train.info().labelMaps()).isEqualTo(40);
            assertThat(train.info().ignoreLabels()).containsExactly(Drawing.NOTHING);
            for (int row = 0; row < 40; row++) {
                ImageRecord image = train.get(row);
                Pixels pixels = kernels.decode(image.encoded());
                Pixels map = kernels.decodeLabelMap(Objects.requireNonNull(image.labelMap()));
                assertThat(pixels.width()).isEqualTo(SIZE).isEqualTo(image.width());
                assertThat(map.height()).isEqualTo(SIZE);
                assertThat(values(map)).containsExactlyInAnyOrder(Drawing.NOTHING, image.label());
            }
        }
    }

    @Test
    void aSeedAlwaysGivesTheSameImagesAndAnotherSeedOthers() {
        Pixels image = drawing(1, 3).image();
        assertThat(drawing(1, 3).image()).isEqualTo(image);
        assertThat(drawing(2, 3).image()).isNotEqualTo(image);
        assertThat(drawing(1, 13).image()).isNotEqualTo(image);
        // A fixed number, so that another machine or JDK that draws otherwise is noticed.
        assertThat(Arrays.hashCode(image.toArray())).isEqualTo(-983194327);
    }

    @Test
    void theMeanColourSaysLittleAboutTheClass() {
        double accuracy = nearestNeighbours(drawing -> meanColour(drawing.image()));
        assertThat(accuracy).isLessThan(1.0 / CLASSES + 0.15);
    }

    @Test
    void localStructureTellsTheClassesApart() {
        double accuracy = nearestNeighbours(drawing -> localPatterns(drawing.image()));
        assertThat(accuracy).isGreaterThan(0.35);
    }

    @Test
    void impossibleSizesAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Drawings(0, 1, SIZE, 1))
                .withMessage("--train must be at least 1, was 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Drawings(1, 1, 8, 1))
                .withMessage("--size must be from 32 to 1024 pixels, was 8");
    }

    private static Drawing drawing(long seed, int index) {
        return Drawing.draw(DrawnFigure.ALL.get(index % CLASSES), SIZE, CounterRandom.of(seed, index));
    }

    private static Set<Integer> values(Pixels map) {
        Set<Integer> values = new HashSet<>();
        for (byte value : map.toArray()) {
            values.add(Byte.toUnsignedInt(value));
        }
        return values;
    }

    private static double[] meanColour(Pixels image) {
        double[] mean = new double[3];
        for (int y = 0; y < SIZE; y++) {
            for (int x = 0; x < SIZE; x++) {
                for (int c = 0; c < 3; c++) {
                    mean[c] += image.at(y, x, c) / (double) (SIZE * SIZE);
                }
            }
        }
        return mean;
    }

    /** How often each rotation-invariant local binary pattern of the grey image occurs, at two radii. */
    private static double[] localPatterns(Pixels image) {
        double[] histogram = new double[2 * 256];
        int[][] ring = {{-1, -1}, {-1, 0}, {-1, 1}, {0, 1}, {1, 1}, {1, 0}, {1, -1}, {0, -1}};
        for (int scale = 0; scale < 2; scale++) {
            int radius = 1 + 2 * scale;
            for (int y = radius; y < SIZE - radius; y++) {
                for (int x = radius; x < SIZE - radius; x++) {
                    int pattern = 0;
                    for (int[] step : ring) {
                        boolean brighter =
                                grey(image, y + radius * step[0], x + radius * step[1]) > grey(image, y, x) + 12;
                        pattern = pattern << 1 | (brighter ? 1 : 0);
                    }
                    int least = pattern;
                    for (int turn = 1; turn < 8; turn++) {
                        least = Math.min(least, (pattern << turn | pattern >> (8 - turn)) & 255);
                    }
                    histogram[256 * scale + least]++;
                }
            }
        }
        for (int i = 0; i < histogram.length; i++) {
            histogram[i] = Math.sqrt(histogram[i]);
        }
        return histogram;
    }

    private static int grey(Pixels image, int y, int x) {
        return (image.at(y, x, 0) + image.at(y, x, 1) + image.at(y, x, 2)) / 3;
    }

    /** The top-1 of 20 nearest neighbours among 600 drawings, on 200 others. */
    private static double nearestNeighbours(Function<Drawing, double[]> features) {
        double[][] train = IntStream.range(0, 600)
                .mapToObj(i -> features.apply(drawing(1, i)))
                .toArray(double[][]::new);
        long right = IntStream.range(0, 200)
                .filter(i -> vote(train, features.apply(drawing(2, i))) == i % CLASSES)
                .count();
        return right / 200.0;
    }

    private static int vote(double[][] train, double[] query) {
        int[] nearest = IntStream.range(0, train.length)
                .boxed()
                .sorted((a, b) -> Double.compare(distance(train[a], query), distance(train[b], query)))
                .limit(20)
                .mapToInt(i -> i % CLASSES)
                .toArray();
        int[] votes = new int[CLASSES];
        for (int label : nearest) {
            votes[label]++;
        }
        return IntStream.range(0, CLASSES)
                .reduce((a, b) -> votes[b] > votes[a] ? b : a)
                .orElseThrow();
    }

    private static double distance(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (a[i] - b[i]) * (a[i] - b[i]);
        }
        return sum;
    }
}

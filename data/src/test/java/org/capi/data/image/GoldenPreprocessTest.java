package org.capi.data.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.capi.data.CounterRandom;
import org.capi.data.RecordedRandom;
import org.capi.data.image.CropBox.RandomResizedCrop;
import org.capi.golden.Golden;
import org.capi.golden.NpyArray;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class GoldenPreprocessTest {

    private final Golden golden = Golden.fixture("preprocess");
    private final JsonNode hyper = golden.hyper();

    private final ImageKernels kernels = new ImageKernels();

    @BeforeAll
    static void requireFixture() {
        Assumptions.assumeTrue(Golden.hasFixture("preprocess"), "these golden numbers have no fixture preprocess");
    }

    @AfterEach
    void close() {
        kernels.close();
    }

    @Test
    void imagesAreSquashedToASquareAsByPillow() throws IOException {
        ByteBuffer image = ByteBuffer.wrap(Png.encode(pixels("image", 3)));
        int out = hyper.get("out").asInt();
        int up = hyper.get("up").asInt();
        assertEqual(kernels.squash(image, ImageHeader.read(image), out, out), "resize_square_down");
        assertEqual(kernels.squash(image, ImageHeader.read(image), up, up), "resize_square_up");
    }

    @Test
    void theShorterSideIsResizedAndTheCentreKeptAsByPillow() throws IOException {
        Pixels image = pixels("image", 3);
        ByteBuffer encoded = ByteBuffer.wrap(Png.encode(image));
        int side = hyper.get("short").asInt();
        var geometry = Geometry.shorterSide(image.height(), image.width(), side);
        assertEqual(kernels.resize(encoded, ImageHeader.read(encoded), geometry), "resize_short_side");
        assertEqual(
                kernels.centre(
                        encoded,
                        ImageHeader.read(encoded),
                        side,
                        hyper.get("out").asInt()),
                "resize_short_center_crop");
    }

    @Test
    void aCropIsResizedWithoutLookingOutsideItAsByPillow() throws IOException {
        JsonNode box = hyper.get("box");
        var crop = new CropBox(
                box.get(0).asInt(),
                box.get(1).asInt(),
                box.get(2).asInt(),
                box.get(3).asInt());
        ByteBuffer image = ByteBuffer.wrap(Png.encode(pixels("image", 3)));
        int out = hyper.get("out").asInt();
        Pixels cropped = kernels.crop(image, ImageHeader.read(image), crop, out, out);
        assertEqual(cropped, "resized_crop");
        assertEqual(cropped.flipped(), "resized_crop_hflip");
    }

    @Test
    void labelMapsAreResizedToTheNearestAsByPillow() {
        Pixels labels = pixels("labels", 1);
        int out = hyper.get("out").asInt();
        int up = hyper.get("up").asInt();
        assertThat(labels.nearest(out, out).toArray())
                .isEqualTo(golden.array("labels_nearest").bytes());
        assertThat(labels.nearest(up, up).toArray())
                .isEqualTo(golden.array("labels_nearest_up").bytes());
    }

    @Test
    void randomCropsFollowFromTheRecordedDraws() {
        NpyArray crops = golden.array("random_resized_crop");
        double[] values = crops.doubles();
        int columns = crops.size(1);
        for (int row = 0; row < crops.size(0); row++) {
            double[] v = Arrays.copyOfRange(values, row * columns, (row + 1) * columns);
            int height = (int) v[0];
            int width = (int) v[1];
            var expected = new CropBox((int) v[7], (int) v[8], (int) v[9], (int) v[10]);
            var random = new RecordedRandom();
            int failures = v[4] == 0 ? 10 : (int) v[4] - 1;
            for (int attempt = 0; attempt < failures; attempt++) {
                failingAttempt(random, height, width, v[2], v[3]);
            }
            if (v[4] > 0) {
                attempt(random, v[2], v[3], v[5], v[6]);
                random.whole(height - expected.height() + 1, expected.top());
                random.whole(width - expected.width() + 1, expected.left());
            }
            assertThat(new RandomResizedCrop(v[2], v[3]).draw(height, width, random))
                    .as("row %s", row)
                    .isEqualTo(expected);
            random.assertUsedUp();
        }
    }

    @Test
    void randomCropsAreDistributedAsTheReferences() {
        JsonNode statistics = hyper.get("crop_statistics");
        int n = statistics.get("n").asInt();
        int height = statistics.get("H").asInt();
        int width = statistics.get("W").asInt();
        var crop = new RandomResizedCrop(
                statistics.get("scale").get(0).asDouble(),
                statistics.get("scale").get(1).asDouble());
        double[][] drawn = new double[4][n];
        for (int i = 0; i < n; i++) {
            CropBox box = crop.draw(height, width, CounterRandom.of(5, i));
            drawn[0][i] = box.top();
            drawn[1][i] = box.left();
            drawn[2][i] = box.height();
            drawn[3][i] = box.width();
        }
        double[] expected = golden.array("random_resized_crop_mean_std").doubles();
        for (int c = 0; c < 4; c++) {
            double mean = Arrays.stream(drawn[c]).average().orElseThrow();
            double variance = Arrays.stream(drawn[c])
                    .map(v -> (v - mean) * (v - mean))
                    .average()
                    .orElseThrow();
            double std = expected[4 + c];
            // Both are samples of n: five standard errors of their difference.
            assertThat(mean).isCloseTo(expected[c], within(5 * std * Math.sqrt(2.0 / n)));
            assertThat(Math.sqrt(variance)).isCloseTo(std, within(5 * std * Math.sqrt(2.0 / n)));
        }
    }

    /** The largest area with the most extreme aspect that does not fit. */
    private static void failingAttempt(RecordedRandom random, int height, int width, double low, double high) {
        attempt(random, low, high, 1, height <= width ? 0.75 : 4.0 / 3);
    }

    private static void attempt(RecordedRandom random, double low, double high, double area, double aspect) {
        random.uniformly(low, high, area);
        random.uniformly(StrictMath.log(0.75), StrictMath.log(4.0 / 3), StrictMath.log(aspect));
    }

    private void assertEqual(Pixels actual, String array) {
        Pixels expected = pixels(array, 3);
        assertThat(actual.height()).isEqualTo(expected.height());
        assertThat(actual.width()).isEqualTo(expected.width());
        assertThat(actual.toArray()).as(array).isEqualTo(expected.toArray());
    }

    private Pixels pixels(String name, int channels) {
        NpyArray array = golden.array(name);
        return new Pixels(ByteBuffer.wrap(array.bytes()), array.size(0), array.size(1), channels);
    }
}

package org.capi.data.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.function.IntUnaryOperator;
import org.capi.data.TestImages;
import org.capi.data.image.Bicubic.Coefficients;
import org.capi.data.image.Bicubic.Resampling;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BicubicTest {

    private static final CropBox BOX = new CropBox(3, 5, 30, 42);

    @SuppressWarnings("NullAway.Init")
    private static ImageKernels kernels;

    @BeforeAll
    static void open() {
        kernels = new ImageKernels();
    }

    @AfterAll
    static void close() {
        kernels.close();
    }

    @ParameterizedTest
    @CsvSource({"crop_down.png", "crop_up.png"})
    void aCropIsResizedToTheBitAsByPillow(String expected) throws IOException {
        Pixels pillow = kernels.decode(Fixture.read(expected));
        ByteBuffer image = Fixture.read("upright.png");
        assertThat(kernels.crop(image, ImageHeader.read(image), BOX, pillow.height(), pillow.width()))
                .isEqualTo(pillow);
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "1, 50", "50, 1", "2, 3", "3, 200", "7, 5"})
    void anImageOfItsOwnSizeStaysAsItIs(int height, int width) {
        Pixels image = TestImages.pixels(height, width, 1);
        assertThat(image.bicubic(Geometry.filling(height, width))).isEqualTo(image);
    }

    @Test
    void aWindowOfAResizedImageIsThatOfTheWhole() {
        Pixels image = TestImages.pixels(40, 70, 2);
        Pixels whole = image.bicubic(Geometry.filling(90, 33));
        Pixels window = image.bicubic(new Geometry(90, 33, 20, 7, 31, 19));
        assertThat(window).isEqualTo(Fixture.part(whole, new CropBox(20, 7, 31, 19)));
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1, 9, 9",
        "5, 3, 40, 1",
        "30, 77, 16, 35",
        "100, 200, 3, 2",
        "530, 40, 41, 97",
        "1100, 21, 600, 5",
        "9, 700, 7, 33"
    })
    void everyPixelIsTheSumOverItsNeighboursAlsoMirrored(int height, int width, int toHeight, int toWidth) {
        Pixels image = TestImages.pixels(height, width, 4);
        Resampling resampling = Resampling.of(height, width, Geometry.filling(toHeight, toWidth));
        Pixels expected = pixelByPixel(image, resampling);
        assertThat(Bicubic.resize(PixelRows.of(image), resampling)).isEqualTo(expected);
        assertThat(Bicubic.resize(PixelRows.of(image), resampling.mirrored())).isEqualTo(expected.flipped());
    }

    @Test
    void ofAnExtremeShapeOnlyTheKeptWindowIsComputed() {
        // Resized as a whole it would have 1,834,000 columns of 224 rows, and 1.2 GB.
        Pixels wide = TestImages.pixels(8, 65500, 3);
        Pixels tall = TestImages.pixels(65500, 8, 3);
        assertThat(Resampling.of(8, 65500, Geometry.centred(8, 65500, 224, 224))
                        .needed()
                        .width())
                .isLessThan(16);
        Assertions.assertTimeout(Duration.ofSeconds(2), () -> {
            assertThat(wide.bicubic(Geometry.centred(8, 65500, 224, 224)).width())
                    .isEqualTo(224);
            assertThat(tall.bicubic(Geometry.centred(65500, 8, 224, 224)).height())
                    .isEqualTo(224);
            assertThat(tall.bicubic(Geometry.filling(224, 224)).width()).isEqualTo(224);
        });
    }

    @Test
    void oneChannelIsNotResizedThisWay() {
        Pixels grey = new Pixels(ByteBuffer.allocate(6), 2, 3, 1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> grey.bicubic(Geometry.filling(4, 4)))
                .withMessage("an image is resized with 3 channels, not 1");
    }

    private static Pixels pixelByPixel(Pixels image, Resampling resampling) {
        Coefficients columns = resampling.columns();
        Coefficients rows = resampling.rows();
        int width = columns.count();
        int[] narrowed = new int[image.height() * width * 3];
        byte[] resized = new byte[rows.count() * width * 3];
        for (int i = 0; i < narrowed.length; i++) {
            int row = i / 3 / width;
            int channel = i % 3;
            narrowed[i] = sum(columns, i / 3 % width, column -> image.at(row, column, channel), image.width());
        }
        for (int i = 0; i < resized.length; i++) {
            int at = i % (width * 3);
            resized[i] = (byte) sum(rows, i / 3 / width, row -> narrowed[row * width * 3 + at], image.height());
        }
        return new Pixels(ByteBuffer.wrap(resized), rows.count(), width, 3);
    }

    private static int sum(Coefficients coefficients, int pixel, IntUnaryOperator values, int length) {
        int sum = 1 << (Coefficients.PRECISION - 1);
        int start = coefficients.starts()[pixel];
        for (int tap = 0; tap < Math.min(coefficients.taps(), length - start); tap++) {
            sum += values.applyAsInt(start + tap) * coefficients.weights()[pixel * coefficients.taps() + tap];
        }
        return Math.max(0, Math.min(255, sum >> Coefficients.PRECISION));
    }
}

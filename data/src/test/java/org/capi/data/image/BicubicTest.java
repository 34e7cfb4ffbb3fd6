package org.capi.data.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.capi.data.TestImages;
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
}

package org.capi.data.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.capi.data.CounterRandom;
import org.capi.data.TestImages;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class OrientationTest {

    private static final double JPEG_NOISE = 2;

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
    @CsvSource({
        "1, UPRIGHT",
        "2, MIRRORED",
        "3, HALF_TURN",
        "4, UPSIDE_DOWN_MIRRORED",
        "5, TRANSPOSED",
        "6, QUARTER_TURN_RIGHT",
        "7, TRANSVERSED",
        "8, QUARTER_TURN_LEFT"
    })
    void anImageIsShownUprightHoweverItIsStored(int exif, Orientation orientation) throws IOException {
        ByteBuffer image = Fixture.read("exif_" + exif + ".jpg");
        assertThat(ImageHeader.read(image)).isEqualTo(new ImageHeader(ImageHeader.Format.JPEG, 72, 104, orientation));
        Pixels shown = kernels.decode(image);
        assertThat(Fixture.meanDifference(shown, kernels.decode(Fixture.read("exif_1.jpg"))))
                .isLessThan(JPEG_NOISE);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
    void aCropIsThatOfTheShownImage(int exif) throws IOException {
        ByteBuffer image = Fixture.read("exif_" + exif + ".jpg");
        ImageHeader header = ImageHeader.read(image);
        Pixels shown = kernels.decode(image);
        for (int i = 0; i < 20; i++) {
            var random = CounterRandom.of(i);
            var box = new CropBox(random.below(36), random.below(52), 1 + random.below(36), 1 + random.below(52));
            Pixels expected = Fixture.part(shown, box).bicubic(Geometry.filling(24, 24));
            assertThat(kernels.crop(image, header, box, 24, 24)).as("%s", box).isEqualTo(expected);
            assertThat(kernels.mirroredCrop(image, header, box, 24, 24)).isEqualTo(expected.flipped());
        }
    }

    @ParameterizedTest
    @EnumSource(Orientation.class)
    void aStoredWindowShowsTheShownOne(Orientation orientation) {
        Pixels stored = TestImages.pixels(7, 11, 3);
        Pixels shown = orientation.shown(stored);
        var box = new CropBox(1, 2, 4, 3);
        CropBox part = orientation.stored(box, shown.height(), shown.width());
        assertThat(orientation.shown(Fixture.part(stored, part))).isEqualTo(Fixture.part(shown, box));
    }

    @ParameterizedTest
    @ValueSource(strings = {"exif_6.png", "exif_6.webp", "exif_6.tif"})
    void otherFormatsSayItToo(String name) throws IOException {
        ByteBuffer image = Fixture.read(name);
        assertThat(ImageHeader.read(image).orientation()).isEqualTo(Orientation.QUARTER_TURN_RIGHT);
        assertThat(kernels.decode(image)).isEqualTo(kernels.decode(Fixture.read("upright.png")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"xmp_6.png", "xmp_6_packed.png", "xmp_6.webp", "xmp_6.tif", "raw_profile_6.png"})
    void xmpDataAndTextSayItWhereExifDataAreMissing(String name) throws IOException {
        ByteBuffer image = Fixture.read(name);
        assertThat(ImageHeader.read(image).orientation()).isEqualTo(Orientation.QUARTER_TURN_RIGHT);
        assertThat(kernels.decode(image)).isEqualTo(kernels.decode(Fixture.read("upright.png")));
    }

    @Test
    void exifDataComeBeforeXmpData() throws IOException {
        ByteBuffer image = Fixture.read("exif_1_xmp_6.webp");
        assertThat(ImageHeader.read(image).orientation()).isEqualTo(Orientation.UPRIGHT);
        assertThat(kernels.decode(image)).isEqualTo(kernels.decode(Fixture.read("upright.png")));
        ByteBuffer jpeg = Fixture.read("jpeg_xmp_orientation6.jpg");
        assertThat(ImageHeader.read(jpeg))
                .isEqualTo(new ImageHeader(ImageHeader.Format.JPEG, 203, 157, Orientation.QUARTER_TURN_RIGHT));
    }

    @ParameterizedTest
    @CsvSource({"exif_6_big_endian.jpg, QUARTER_TURN_RIGHT, 36", "exif_broken.jpg, UPRIGHT, 52"})
    void bothByteOrdersAreReadAndBrokenDataArePassedOver(String name, Orientation orientation, int height)
            throws IOException {
        ByteBuffer image = Fixture.read(name);
        ImageHeader header = kernels.check(image, ImageHeader.MAX_PIXELS);
        assertThat(header.orientation()).isEqualTo(orientation);
        assertThat(header.height()).isEqualTo(height);
        assertThat(kernels.decode(image).height()).isEqualTo(height);
    }

    @Test
    void besideALabelMapTheStoredPixelsAreUsed() throws IOException {
        ByteBuffer image = Fixture.read("exif_6.png");
        ImageHeader header = ImageHeader.read(image).asStored();
        assertThat(header).isEqualTo(new ImageHeader(ImageHeader.Format.PNG, 52, 36, Orientation.UPRIGHT));
        Pixels stored = kernels.decode(image, header);
        assertThat(Orientation.QUARTER_TURN_RIGHT.shown(stored)).isEqualTo(kernels.decode(image));
    }
}

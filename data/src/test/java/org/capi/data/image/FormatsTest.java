package org.capi.data.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FormatsTest {

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
        "lossless.webp, upright.png",
        "alpha.webp, upright.png",
        "animated.webp, upright.png",
        "lzw.tif, upright.png",
        "multipage.tif, upright.png",
        "cmyk.tif, upright.png",
        "bilevel_g4.tif, bilevel.png",
        "grey16.tif, grey.png",
        "float32.tif, grey.png",
        "palette.bmp, palette.png"
    })
    void aLosslessImageHasThePixelsOfItsPng(String image, String png) throws IOException {
        assertThat(kernels.decode(Fixture.read(image))).isEqualTo(kernels.decode(Fixture.read(png)));
    }

    @ParameterizedTest
    @CsvSource({"lossy.webp, 5", "jpeg_in.tif, 5", "cmyk.jpg, 5"})
    void aLossyImageIsCloseToItsPng(String image, double most) throws IOException {
        Pixels decoded = kernels.decode(Fixture.read(image));
        assertThat(Fixture.meanDifference(decoded, kernels.decode(Fixture.read("upright.png"))))
                .isLessThan(most);
    }

    @Test
    void whatIsNotANumberIsBlackAndWhatIsInfiniteIsClipped() throws IOException {
        Pixels image = kernels.decode(Fixture.read("float32_nan.tif"));
        assertThat(image.at(0, 0, 0)).isZero();
        assertThat(image.at(0, 1, 1)).isEqualTo(255);
        assertThat(image.at(0, 2, 2)).isZero();
        Pixels sound = kernels.decode(Fixture.read("float32.tif"));
        var rest = new CropBox(1, 0, sound.height() - 1, sound.width());
        assertThat(Fixture.part(image, rest)).isEqualTo(Fixture.part(sound, rest));
    }

    @ParameterizedTest
    @ValueSource(strings = {"lossless.webp", "alpha.webp", "lossy.webp", "animated.webp", "lzw.tif", "palette.bmp"})
    void aCropIsThatOfTheWholeImage(String name) throws IOException {
        ByteBuffer image = Fixture.read(name);
        var box = new CropBox(3, 5, 20, 31);
        Pixels crop = kernels.crop(image, ImageHeader.read(image), box, 16, 16);
        Pixels part = Fixture.part(kernels.decode(image), box);
        assertThat(crop).isEqualTo(part.bicubic(Geometry.filling(16, 16)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"lossless.webp", "lossy.webp", "lzw.tif", "upright.png", "exif_1.jpg", "palette.bmp"})
    void aCutImageIsRefusedInOneLine(String name) {
        ByteBuffer image = Fixture.read(name);
        ByteBuffer cut = image.slice(0, image.remaining() / 2);
        assertThatThrownBy(() -> kernels.check(cut, ImageHeader.MAX_PIXELS))
                .isInstanceOf(IOException.class)
                .hasMessageMatching("(cannot be decoded: |the header is cut off)[^\\n]*");
    }

    @ParameterizedTest
    @ValueSource(strings = {"lossless.webp", "lzw.tif", "upright.png", "exif_6.jpg", "palette.bmp"})
    void anImageOfMorePixelsThanTheLimitIsRefused(String name) throws IOException {
        ByteBuffer image = Fixture.read(name);
        ImageHeader header = ImageHeader.read(image);
        assertThat(kernels.check(image, header.pixels())).isEqualTo(header);
        assertThatThrownBy(() -> kernels.check(image, header.pixels() - 1))
                .isInstanceOf(IOException.class)
                .hasMessage("too large: " + header.storedWidth() + " x " + header.storedHeight() + " pixels, at most "
                        + (header.pixels() - 1) + " are taken");
    }

    @ParameterizedTest
    @CsvSource({"'....ftypavif', AVIF", "'....jP  \r\n', JPEG 2000", "'<svg xmlns=\"x\"/>', 'HTML, SVG or XML'"})
    void aFormatThatIsNotDecodedIsNamed(String start, String format) {
        ByteBuffer bytes = ByteBuffer.wrap(start.getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> kernels.check(bytes, ImageHeader.MAX_PIXELS))
                .isInstanceOf(IOException.class)
                .hasMessage("not a JPEG, PNG, GIF, BMP, WebP or TIFF but " + format);
    }
}

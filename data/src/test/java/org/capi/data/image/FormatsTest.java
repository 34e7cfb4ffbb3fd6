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

    /** The decoder takes the colours of the nearest stored one, Pillow's smooths them. */
    @ParameterizedTest
    @CsvSource({
        "webp_lossy_still_green, 1.5",
        "webp_anim_first_frame_smaller, 0.5",
        "webp_q10, 4",
        "webp_q50_odd, 2.5",
        "webp_q75_m6, 2.5",
        "webp_q100_odd, 2.5",
        "webp_sharp, 2.5",
        "webp_alpha, 2.5",
        "webp_alpha_exact, 2.5",
        "webp_animated, 2.5",
        "webp_animated_alpha, 2.5",
        "webp_one_row, 2.5"
    })
    void aLossyWebpHasThePixelsOfPillow(String name, double most) throws IOException {
        ByteBuffer image = Fixture.read(name + ".webp");
        Pixels pillow = kernels.decode(Fixture.read(name + ".png"));
        assertThat(kernels.check(image, ImageHeader.MAX_PIXELS).width()).isEqualTo(pillow.width());
        assertThat(Fixture.meanDifference(kernels.decode(image), pillow)).isLessThan(most);
    }

    @Test
    void aroundASmallerFirstFrameTheCanvasIsBlack() throws IOException {
        Pixels image = kernels.decode(Fixture.read("webp_anim_first_frame_smaller.webp"));
        Pixels pillow = kernels.decode(Fixture.read("webp_anim_first_frame_smaller.png"));
        var above = new CropBox(0, 0, 4, image.width());
        assertThat(Fixture.part(image, above)).isEqualTo(Fixture.part(pillow, above));
        assertThat(image.at(3, 50, 0) + image.at(156, 202, 1)).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"gif_offset", "gif_offset_local", "gif_transparent", "gif_offset_transparent", "gif_outside"})
    void theFirstFrameOfAGifLiesOnItsCanvasAsPillowShowsIt(String name) throws IOException {
        ByteBuffer gif = Fixture.read(name + ".gif");
        Pixels pillow = kernels.decode(Fixture.read(name + ".png"));
        ImageHeader header = kernels.check(gif, ImageHeader.MAX_PIXELS);
        assertThat(kernels.decode(gif, header)).isEqualTo(pillow);
        var box = new CropBox(1, 2, header.height() - 2, header.width() - 3);
        assertThat(kernels.window(gif, header, box)).isEqualTo(Fixture.part(pillow, box));
    }

    /** A JPEG or GIF may lack the mark of its end, a TIFF the place of its next directory. */
    @ParameterizedTest
    @CsvSource({
        "lossless.webp, 0",
        "lossy.webp, 0",
        "webp_animated.webp, 0",
        "webp_alpha.webp, 0",
        "upright.png, 0",
        "lzw.tif, 0",
        "bilevel_g4.tif, 4",
        "palette.bmp, 0",
        "gif_offset.gif, 1",
        "exif_1.jpg, 2"
    })
    void anImageCutAtAnyLengthIsRefused(String name, int mayLack) {
        ByteBuffer image = Fixture.read(name);
        int whole = image.remaining() - mayLack;
        int step = Math.max(1, whole / 300);
        for (int length = whole - 1; length > 0; length -= length > whole - 20 ? 1 : step) {
            ByteBuffer cut = image.slice(0, length);
            assertThatThrownBy(() -> kernels.check(cut, ImageHeader.MAX_PIXELS))
                    .as("%s cut to %s bytes", name, length)
                    .isInstanceOf(IOException.class)
                    .hasMessageMatching("[a-zA-Z][^\\n]{5,200}")
                    .message()
                    .doesNotContain("null");
        }
    }

    @Test
    void aWebpThatIsCutOffSaysSo() {
        assertThatThrownBy(() -> kernels.check(Fixture.read("webp_lossless_cut30.webp"), ImageHeader.MAX_PIXELS))
                .isInstanceOf(IOException.class)
                .hasMessage("cannot be decoded: the WebP is cut off: it has 9721 of 32404 bytes");
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

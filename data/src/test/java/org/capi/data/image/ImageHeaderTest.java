package org.capi.data.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import javax.imageio.ImageIO;
import org.capi.data.TestImages;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ImageHeaderTest {

    @ParameterizedTest
    @EnumSource(names = {"JPEG", "PNG", "GIF", "BMP", "TIFF"})
    void theSizeIsReadFromTheHeaderOfEveryFormat(ImageHeader.Format format) throws IOException {
        var bytes = new ByteArrayOutputStream();
        ImageIO.write(new BufferedImage(31, 17, BufferedImage.TYPE_INT_RGB), format.name(), bytes);
        assertThat(ImageHeader.read(ByteBuffer.wrap(bytes.toByteArray())))
                .isEqualTo(new ImageHeader(format, 17, 31, Orientation.UPRIGHT));
    }

    @Test
    void anImpossibleAndAnEnormousSizeAreRefusedBeforeDecoding() {
        assertRefused(pngOfSize(0, 5), "the header gives an impossible size: 0 x 5");
        assertRefused(pngOfSize(-7, 5), "the header gives an impossible size: -7 x 5");
        assertRefused(
                pngOfSize(1 << 30, 1 << 30), "too large: 1073741824 x 1073741824 pixels, at most 715827861 are taken");
    }

    @Test
    void whatIsNoImageIsRefused() {
        assertRefused(new byte[0], "the file is empty");
        assertRefused("ab".getBytes(StandardCharsets.UTF_8), "not a JPEG, PNG, GIF, BMP, WebP or TIFF");
        assertRefused(
                "<!DOCTYPE html><p>404".getBytes(StandardCharsets.UTF_8),
                "not a JPEG, PNG, GIF, BMP, WebP or TIFF but HTML, SVG or XML");
        assertRefused(Arrays.copyOf(TestImages.png(4, 4, 1), 19), "the header is cut off");
        assertRefused(Arrays.copyOf(TestImages.jpeg(9, 9), 60), "the header is cut off");
    }

    private static byte[] pngOfSize(int width, int height) {
        byte[] png = TestImages.png(4, 4, 1);
        ByteBuffer.wrap(png).putInt(16, width).putInt(20, height);
        return png;
    }

    private static void assertRefused(byte[] bytes, String message) {
        assertThatThrownBy(() -> ImageHeader.read(ByteBuffer.wrap(bytes)))
                .isInstanceOf(IOException.class)
                .hasMessage(message);
    }
}

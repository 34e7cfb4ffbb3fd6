package org.capi.data.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;
import javax.imageio.ImageIO;
import org.capi.data.TestImages;
import org.capi.data.TestLabelMaps;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LabelMapTest {

    private static final int HEIGHT = 7;
    private static final int WIDTH = 13;

    @Test
    void aGreyMapOfEightBitsKeepsItsBytes() throws IOException {
        byte[] file = TestLabelMaps.withChunk(TestLabelMaps.grey(HEIGHT, WIDTH, 8, 91), "tRNS", (byte) 0, (byte) 3);
        ByteBuffer grey = LabelMap.grey(ByteBuffer.wrap(file), HEIGHT, WIDTH, Set.of(), 91);
        assertThat(bytes(grey)).isEqualTo(file);
    }

    @ParameterizedTest
    @CsvSource({"1, 2", "2, 4", "4, 16", "8, 21"})
    void aPaletteIsReadAsIndicesNeverAsColours(int bits, int values) throws IOException {
        assertValues(TestLabelMaps.palette(HEIGHT, WIDTH, bits, values), values);
    }

    @ParameterizedTest
    @CsvSource({"1, 2", "2, 4", "4, 16", "8, 91", "16, 91"})
    void greyOfAnyDepthKeepsItsValues(int bits, int values) throws IOException {
        assertValues(TestLabelMaps.grey(HEIGHT, WIDTH, bits, values), values);
    }

    @ParameterizedTest
    @CsvSource({"2, 4", "4, 16", "16, 91"})
    void aTransparentValueIsAValueAllTheSame(int bits, int values) throws IOException {
        byte[] file = TestLabelMaps.grey(HEIGHT, WIDTH, bits, values);
        assertValues(TestLabelMaps.withChunk(file, "tRNS", (byte) 0, (byte) 1), values);
    }

    @Test
    void ofAPaletteWithTransparencyTheIndicesCount() throws IOException {
        byte[] file = TestLabelMaps.palette(HEIGHT, WIDTH, 8, 21);
        assertValues(TestLabelMaps.withChunk(file, "tRNS", (byte) 0, (byte) 255, (byte) 7), 21);
    }

    @Test
    void alphaIsLeftOut() throws IOException {
        assertValues(TestLabelMaps.greyAlpha(HEIGHT, WIDTH, 50), 50);
    }

    @Test
    void equalRedGreenAndBlueAreOneValue() throws IOException {
        assertValues(TestLabelMaps.rgb(HEIGHT, WIDTH, 50), 50);
    }

    @Test
    void coloursAreRefused() {
        assertThatThrownBy(() -> grey(TestImages.png(HEIGHT, WIDTH, 1), 0))
                .isInstanceOf(IOException.class)
                .hasMessage("unusable label map: it has colours instead of class indices, first at column 0 of row 0");
    }

    @Test
    void anotherSizeIsRefusedBeforeAnythingIsDecoded() {
        assertThatThrownBy(() -> grey(TestLabelMaps.grey(WIDTH, HEIGHT, 8, 5), 5))
                .isInstanceOf(IOException.class)
                .hasMessage("unusable label map: it has 7 x 13 pixels, its image 13 x 7");
        byte[] bomb = TestLabelMaps.grey(HEIGHT, WIDTH, 8, 5);
        ByteBuffer.wrap(bomb).putInt(16, Integer.MAX_VALUE).putInt(20, Integer.MAX_VALUE);
        assertThatThrownBy(() -> grey(bomb, 0)).hasMessageContaining("wrong checksum");
    }

    @Test
    void aValueThatIsNoClassIsRefusedUnlessIgnored() throws IOException {
        byte[] file = TestLabelMaps.grey(HEIGHT, WIDTH, 8, 12);
        assertThatThrownBy(() -> LabelMap.grey(ByteBuffer.wrap(file), HEIGHT, WIDTH, Set.of(255, 0), 11))
                .isInstanceOf(IOException.class)
                .hasMessage("unusable label map: the value 11 must be below 11, the number of classes, "
                        + "or one of the ignored [0, 255]");
        assertThat(LabelMap.grey(ByteBuffer.wrap(file), HEIGHT, WIDTH, Set.of(11), 11))
                .isNotNull();
        assertThat(grey(file, 0)).isNotNull();
    }

    @Test
    void sixteenBitsMayHoldNoMoreThanEightDo() {
        assertThatThrownBy(
                        () -> LabelMap.grey(ByteBuffer.wrap(TestLabelMaps.grey(20, 20, 16, 300)), 20, 20, Set.of(), 0))
                .isInstanceOf(IOException.class)
                .hasMessage("unusable label map: the value 256 does not fit into 8 bits");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "no image at all", "\u0089PNG\r\n\u001a\nrest"})
    void whatIsNoPngIsRefusedInOneLine(String content) {
        assertThatThrownBy(() -> grey(content.getBytes(StandardCharsets.ISO_8859_1), 0))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("unusable label map: the ")
                .hasMessageNotContaining("\n");
    }

    @Test
    void everyFlippedByteAndEveryLostEndOfAMapIsNoticed() throws IOException {
        byte[] file = TestLabelMaps.palette(HEIGHT, WIDTH, 8, 21);
        byte[] values = values(grey(file, 0));
        for (int i = 0; i < file.length; i++) {
            byte[] damaged = file.clone();
            damaged[i] ^= 0x10;
            assertThatThrownBy(() -> grey(damaged, 0)).as("byte %d", i).isInstanceOf(IOException.class);
            byte[] cut = Arrays.copyOf(file, i);
            assertThatThrownBy(() -> grey(cut, 0)).as("cut at %d", i).isInstanceOf(IOException.class);
        }
        assertThat(values).hasSize(HEIGHT * WIDTH);
    }

    private static ByteBuffer grey(byte[] file, int classes) throws IOException {
        return LabelMap.grey(ByteBuffer.wrap(file), HEIGHT, WIDTH, Set.of(), classes);
    }

    private static void assertValues(byte[] file, int values) throws IOException {
        byte[] expected = new byte[HEIGHT * WIDTH];
        for (int i = 0; i < expected.length; i++) {
            expected[i] = (byte) (i % values);
        }
        assertThat(values(grey(file, values))).isEqualTo(expected);
    }

    private static byte[] values(ByteBuffer png) throws IOException {
        var raster = ImageIO.read(new ByteArrayInputStream(bytes(png))).getRaster();
        assertThat(raster.getNumBands()).isEqualTo(1);
        assertThat(raster.getSampleModel().getSampleSize(0)).isEqualTo(8);
        byte[] values = new byte[raster.getWidth() * raster.getHeight()];
        raster.getDataElements(0, 0, raster.getWidth(), raster.getHeight(), values);
        return values;
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(buffer.position(), bytes);
        return bytes;
    }
}

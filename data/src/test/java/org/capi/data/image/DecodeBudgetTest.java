package org.capi.data.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import org.capi.data.TestImages;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Small files that would take much memory or time are refused before they are decoded. */
class DecodeBudgetTest {

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

    @Test
    void aJpegOfManyScansIsRefused() throws IOException {
        assertRefused(
                Fixture.read("scan100.jpg"),
                "too many scans: the JPEG goes more than 12 times over its 169000000 pixels");
        ByteBuffer small = copy(Fixture.read("scan100.jpg"));
        setFrameOfJpeg(small, 50, 40);
        assertThat(JpegHeader.coefficientBytes(small, 100 * 50 * 40)).isPositive();
        assertThatThrownBy(() -> JpegHeader.coefficientBytes(small, 99 * 50 * 40))
                .isInstanceOf(IOException.class)
                .hasMessage("too many scans: the JPEG goes more than 99 times over its 2000 pixels");
    }

    @Test
    void aJpegInOneScanKeepsNoCoefficients() throws IOException {
        assertThat(JpegHeader.coefficientBytes(Fixture.read("exif_1.jpg"), 0)).isZero();
    }

    @Test
    void onlyTheFirstFrameOfAGifCounts() throws IOException {
        ByteBuffer gif = copy(Fixture.read("gif_offset_transparent.gif")).order(ByteOrder.LITTLE_ENDIAN);
        ImageHeader header = ImageHeader.read(gif);
        assertThat(ImageKernels.decodingBytes(gif, header, header.pixels())).isEqualTo(4 * 36 * 52);
        int frame = GifHeader.read(gif).start();
        gif.putShort(6, (short) 13_000).putShort(8, (short) 13_000);
        gif.putShort(frame + 1, (short) 0).putShort(frame + 3, (short) 0);
        gif.putShort(frame + 5, (short) 13_000).putShort(frame + 7, (short) 13_000);
        assertRefused(gif, "too large: decoding its 169000000 pixels takes 676 MB, at most 536 MB are taken");
    }

    @Test
    void compressedTextOfAPngIsNeverInflated() throws IOException {
        byte[] png = TestImages.png(9, 7, 3);
        var file = new ByteArrayOutputStream();
        file.write(png, 0, 33);
        byte[] text = deflated(1 << 22);
        for (int i = 0; i < 300; i++) {
            writeChunk(file, i % 2 == 0 ? "zTXt" : "iTXt", i % 2 == 0 ? "k\0\0" : "k\0\1\0\0\0", text);
        }
        writeChunk(file, "iCCP", "k\0\0", text);
        file.write(png, 33, png.length - 33);
        ByteBuffer bomb = ByteBuffer.wrap(file.toByteArray());
        assertThat(Png.withoutCompressedText(bomb)).isEqualTo(ByteBuffer.wrap(png));
        assertThat(Png.withoutCompressedText(ByteBuffer.wrap(png)).array()).isSameAs(png);
        kernels.check(bomb, ImageHeader.MAX_PIXELS);
        assertThat(kernels.decode(bomb)).isEqualTo(kernels.decode(ByteBuffer.wrap(png)));
    }

    @Test
    void aTiffOfLargeSamplesOrTilesIsRefused() {
        ByteBuffer samples = tiff(3000, 3000, 60, 64, 0);
        assertRefused(samples, "too large: decoding its 9000000 pixels takes 4320 MB, at most 536 MB are taken");
        ByteBuffer tile = tiff(16, 16, 1, 8, 65_520);
        assertRefused(tile, "too large: decoding its 256 pixels takes 4292 MB, at most 536 MB are taken");
    }

    @Test
    void aBmpWithoutItsRowsOrWithAnotherFileInItIsRefused() {
        ByteBuffer bmp = copy(Fixture.read("palette.bmp")).order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer jpegInIt = copy(bmp).order(ByteOrder.LITTLE_ENDIAN).putInt(30, 4);
        assertRefused(jpegInIt, "the BMP has the compression 4, which is not decoded");
        assertRefused(bmp.putInt(18, 13_000).putInt(22, 13_000), "cannot be decoded: the BMP is cut off");
    }

    private static ByteBuffer tiff(int width, int height, int samples, int bits, int tile) {
        int[][] entries = {
            {256, 4, width},
            {257, 4, height},
            {258, 3, bits},
            {259, 3, 8},
            {262, 3, 1},
            {273, 4, 8},
            {277, 3, samples},
            {279, 4, 100},
            {322, 4, tile},
            {323, 4, tile}
        };
        ByteBuffer file = ByteBuffer.allocate(300).order(ByteOrder.LITTLE_ENDIAN);
        file.putShort((short) 0x4949).putShort((short) 42).putInt(8).putShort((short) entries.length);
        for (int[] entry : entries) {
            file.putShort((short) entry[0]).putShort((short) entry[1]).putInt(1).putInt(entry[2]);
        }
        return file.rewind();
    }

    private static byte[] deflated(int zeros) {
        var deflater = new Deflater();
        deflater.setInput(new byte[zeros]);
        deflater.finish();
        byte[] packed = new byte[zeros / 100];
        int length = deflater.deflate(packed);
        deflater.end();
        return Arrays.copyOf(packed, length);
    }

    private static void writeChunk(ByteArrayOutputStream file, String type, String start, byte[] rest) {
        var content = new ByteArrayOutputStream();
        content.writeBytes((type + start).getBytes(StandardCharsets.ISO_8859_1));
        content.writeBytes(rest);
        var crc = new CRC32();
        crc.update(content.toByteArray());
        file.writeBytes(ByteBuffer.allocate(4).putInt(content.size() - 4).array());
        file.writeBytes(content.toByteArray());
        file.writeBytes(ByteBuffer.allocate(4).putInt((int) crc.getValue()).array());
    }

    private static void setFrameOfJpeg(ByteBuffer jpeg, int height, int width) {
        int at = 2;
        while ((jpeg.get(at + 1) & 0xff) != 0xc2) {
            at += 2 + Short.toUnsignedInt(jpeg.getShort(at + 2));
        }
        jpeg.putShort(at + 5, (short) height).putShort(at + 7, (short) width);
    }

    private static ByteBuffer copy(ByteBuffer buffer) {
        return ByteBuffer.allocate(buffer.remaining()).put(buffer.duplicate()).flip();
    }

    private static void assertRefused(ByteBuffer image, String message) {
        assertThatThrownBy(() -> kernels.check(image, ImageHeader.MAX_PIXELS))
                .isInstanceOf(IOException.class)
                .hasMessage(message);
    }
}

package org.capi.data.image;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/** Writes PNG files of 8 bits, grey or RGB. */
public final class Png {

    private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
    private static final int GREY = 0;
    private static final int RGB = 2;
    private static final int SUB = 1; // the row filter: each byte minus the one a pixel to the left

    private Png() {}

    /** The file of an image with one channel (grey) or three (RGB). */
    public static byte[] encode(Pixels image) {
        if (image.channels() != 1 && image.channels() != 3) {
            throw new IllegalArgumentException("a PNG is written with 1 or 3 channels, not " + image.channels());
        }
        ByteBuffer header = ByteBuffer.allocate(13);
        header.putInt(image.width()).putInt(image.height()).put((byte) 8);
        header.put((byte) (image.channels() == 1 ? GREY : RGB)).put(new byte[3]);
        var file = new ByteArrayOutputStream();
        file.writeBytes(SIGNATURE);
        chunk(file, "IHDR", header.array());
        chunk(file, "IDAT", deflate(filtered(image)));
        chunk(file, "IEND", new byte[0]);
        return file.toByteArray();
    }

    private static byte[] filtered(Pixels image) {
        int channels = image.channels();
        int rowBytes = image.width() * channels;
        byte[] bytes = image.toArray();
        byte[] rows = new byte[image.height() * (rowBytes + 1)];
        for (int row = 0; row < image.height(); row++) {
            int to = row * (rowBytes + 1);
            int from = row * rowBytes;
            rows[to] = SUB;
            for (int i = 0; i < rowBytes; i++) {
                int left = i < channels ? 0 : bytes[from + i - channels];
                rows[to + 1 + i] = (byte) (bytes[from + i] - left);
            }
        }
        return rows;
    }

    private static byte[] deflate(byte[] rows) {
        var deflater = new Deflater(Deflater.BEST_SPEED);
        try {
            deflater.setInput(rows);
            deflater.finish();
            var packed = new ByteArrayOutputStream(rows.length / 2);
            byte[] buffer = new byte[1 << 14];
            while (!deflater.finished()) {
                packed.write(buffer, 0, deflater.deflate(buffer));
            }
            return packed.toByteArray();
        } finally {
            deflater.end();
        }
    }

    private static void chunk(ByteArrayOutputStream file, String type, byte[] content) {
        byte[] typeAndContent = ByteBuffer.allocate(4 + content.length)
                .put(type.getBytes(StandardCharsets.US_ASCII))
                .put(content)
                .array();
        var crc = new CRC32();
        crc.update(typeAndContent);
        file.writeBytes(ByteBuffer.allocate(4).putInt(content.length).array());
        file.writeBytes(typeAndContent);
        file.writeBytes(ByteBuffer.allocate(4).putInt((int) crc.getValue()).array());
    }
}

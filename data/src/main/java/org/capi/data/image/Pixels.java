package org.capi.data.image;

import java.nio.ByteBuffer;

/**
 * An image as bytes, row by row, the channels of a pixel next to each other: {@code [height, width, channels]}.
 *
 * @param bytes read-only, from 0 to {@code height * width * channels}
 */
public record Pixels(ByteBuffer bytes, int height, int width, int channels) {

    public Pixels {
        if (bytes.remaining() != (long) height * width * channels) {
            throw new IllegalArgumentException("an image of " + height + " x " + width + " x " + channels + " has not "
                    + bytes.remaining() + " bytes");
        }
        bytes = bytes.asReadOnlyBuffer();
    }

    public int at(int row, int column, int channel) {
        return Byte.toUnsignedInt(bytes.get((row * width + column) * channels + channel));
    }

    public byte[] toArray() {
        byte[] copy = new byte[bytes.capacity()];
        bytes.get(0, copy);
        return copy;
    }

    /** Left and right exchanged. */
    public Pixels flipped() {
        return Orientation.MIRRORED.shown(this);
    }

    /** Resized (bicubic, antialiased), of an image with three channels. */
    public Pixels bicubic(Geometry geometry) {
        if (channels != PixelRows.CHANNELS) {
            throw new IllegalArgumentException("an image is resized with 3 channels, not " + channels);
        }
        Bicubic.Resampling resampling = Bicubic.Resampling.of(height, width, geometry);
        return Bicubic.resize(new PixelRows.Window(PixelRows.of(this), resampling.needed()), resampling);
    }

    /** Resized without mixing values, for label maps: each pixel takes the one that Pillow takes. */
    public Pixels nearest(int toHeight, int toWidth) {
        int[] rows = positions(height, toHeight);
        int[] columns = positions(width, toWidth);
        byte[] resized = new byte[toHeight * toWidth * channels];
        for (int row = 0; row < toHeight; row++) {
            for (int column = 0; column < toWidth; column++) {
                int from = (rows[row] * width + columns[column]) * channels;
                bytes.get(from, resized, (row * toWidth + column) * channels, channels);
            }
        }
        return new Pixels(ByteBuffer.wrap(resized), toHeight, toWidth, channels);
    }

    /**
     * The positions along a side from which a resized side takes its pixels: sums of doubles, rounded as Pillow's are.
     */
    private static int[] positions(int from, int to) {
        double step = (double) from / to;
        double position = step / 2;
        int[] positions = new int[to];
        for (int i = 0; i < to; i++) {
            positions[i] = Math.min(from - 1, (int) position);
            position += step;
        }
        return positions;
    }
}

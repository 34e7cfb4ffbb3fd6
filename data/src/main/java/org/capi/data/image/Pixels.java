package org.capi.data.image;

import java.nio.ByteBuffer;

/**
 * An image as bytes, row by row, the channels of a pixel side by side: {@code [height, width, channels]}.
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

    /** The value of a pixel's channel, 0 to 255. */
    public int at(int row, int column, int channel) {
        return Byte.toUnsignedInt(bytes.get((row * width + column) * channels + channel));
    }

    /** A copy of the bytes. */
    public byte[] toArray() {
        byte[] copy = new byte[bytes.capacity()];
        bytes.get(0, copy);
        return copy;
    }

    /** The same image, left and right exchanged. */
    public Pixels flipped() {
        byte[] from = toArray();
        byte[] mirrored = new byte[from.length];
        int at = 0;
        for (int row = 0; row < height; row++) {
            for (int column = width - 1; column >= 0; column--) {
                int pixel = (row * width + column) * channels;
                for (int channel = 0; channel < channels; channel++) {
                    mirrored[at++] = from[pixel + channel];
                }
            }
        }
        return new Pixels(ByteBuffer.wrap(mirrored), height, width, channels);
    }

    /** Resized (bicubic, antialiased), of an image with three channels. */
    public Pixels bicubic(Geometry geometry) {
        if (channels != PixelRows.CHANNELS) {
            throw new IllegalArgumentException("an image is resized with 3 channels, not " + channels);
        }
        Resampling resampling = Resampling.of(height, width, geometry);
        return Bicubic.resize(new WindowRows(PixelRows.of(this), resampling.needed()), resampling);
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

    /** The places along a side from which a resized side takes its pixels: sums of doubles, rounded as Pillow's are. */
    private static int[] positions(int from, int to) {
        double step = (double) from / to;
        double place = step / 2;
        int[] places = new int[to];
        for (int i = 0; i < to; i++) {
            places[i] = Math.min(from - 1, (int) place);
            place += step;
        }
        return places;
    }
}

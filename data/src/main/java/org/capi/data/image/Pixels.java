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

    /** Resized without mixing values, for label maps: each pixel takes the one its centre falls on. */
    public Pixels nearest(int toHeight, int toWidth) {
        byte[] resized = new byte[toHeight * toWidth * channels];
        for (int row = 0; row < toHeight; row++) {
            int fromRow = Math.min(height - 1, (int) ((row + 0.5) * height / toHeight));
            for (int column = 0; column < toWidth; column++) {
                int fromColumn = Math.min(width - 1, (int) ((column + 0.5) * width / toWidth));
                int from = (fromRow * width + fromColumn) * channels;
                bytes.get(from, resized, (row * toWidth + column) * channels, channels);
            }
        }
        return new Pixels(ByteBuffer.wrap(resized), toHeight, toWidth, channels);
    }
}

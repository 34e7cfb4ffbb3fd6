package org.capi.data.image;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/** The small files of {@code src/test/resources/images}, and how far images are apart. */
final class Fixture {

    private Fixture() {}

    static ByteBuffer read(String name) {
        try (InputStream in = Fixture.class.getResourceAsStream("/images/" + name)) {
            if (in == null) {
                throw new IOException("no fixture " + name);
            }
            return ByteBuffer.wrap(in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The largest difference of two values at the same place; images of different sizes are refused. */
    static int largestDifference(Pixels a, Pixels b) {
        requireSameSize(a, b);
        int largest = 0;
        for (int i = 0; i < a.bytes().capacity(); i++) {
            largest = Math.max(largest, difference(a, b, i));
        }
        return largest;
    }

    static double meanDifference(Pixels a, Pixels b) {
        requireSameSize(a, b);
        double sum = 0;
        for (int i = 0; i < a.bytes().capacity(); i++) {
            sum += difference(a, b, i);
        }
        return sum / a.bytes().capacity();
    }

    /** A window of an image, in its own size. */
    static Pixels part(Pixels image, CropBox box) {
        return new PixelRows.Window(PixelRows.of(image), box).copy();
    }

    private static int difference(Pixels a, Pixels b, int i) {
        return Math.abs(Byte.toUnsignedInt(a.bytes().get(i))
                - Byte.toUnsignedInt(b.bytes().get(i)));
    }

    private static void requireSameSize(Pixels a, Pixels b) {
        if (a.height() != b.height() || a.width() != b.width()) {
            throw new AssertionError(
                    a.height() + " x " + a.width() + " is another size than " + b.height() + " x " + b.width());
        }
    }
}

package org.capi.savedmodels.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Numbers as the bytes of a file: little-endian, a piece at a time. */
final class FloatBytes {

    /** Takes the first bytes of an array. */
    interface Sink {
        void write(byte[] bytes, int count) throws IOException;
    }

    private static final int CHUNK = 1 << 18;

    private FloatBytes() {}

    static void write(float[] values, Sink sink) throws IOException {
        byte[] bytes = new byte[Float.BYTES * Math.min(CHUNK, values.length)];
        var floats = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
        for (int at = 0; at < values.length; at += CHUNK) {
            int count = Math.min(CHUNK, values.length - at);
            floats.clear().put(values, at, count);
            sink.write(bytes, Float.BYTES * count);
        }
    }
}

package org.capi.savedmodels.interop;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.tensorflow.ndarray.FloatNdArray;
import org.tensorflow.ndarray.buffer.DataBuffers;

/** Writes arrays as NumPy does: {@code .npy} version 1.0, little-endian float32, C order. */
final class NpyFile {

    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};
    private static final int ALIGNMENT = 64;

    private NpyFile() {}

    static void write(Path file, FloatNdArray array) throws IOException {
        byte[] header = header(array);
        int size = Math.toIntExact(array.size());
        float[] values = new float[size];
        array.copyTo(DataBuffers.of(values, false, false));
        var bytes = ByteBuffer.allocate(MAGIC.length + Short.BYTES + header.length + Float.BYTES * size)
                .order(ByteOrder.LITTLE_ENDIAN);
        bytes.put(MAGIC).putShort((short) header.length).put(header);
        bytes.asFloatBuffer().put(values);
        Files.write(file, bytes.array());
    }

    /** Padded with spaces so that the values begin at a multiple of 64 bytes. */
    private static byte[] header(FloatNdArray array) {
        String shape =
                Arrays.stream(array.shape().asArray()).mapToObj(n -> n + ",").collect(Collectors.joining());
        String text = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + shape + "), }";
        int before = MAGIC.length + Short.BYTES + text.length() + 1;
        int padding = (ALIGNMENT - before % ALIGNMENT) % ALIGNMENT;
        return (text + " ".repeat(padding) + "\n").getBytes(StandardCharsets.ISO_8859_1);
    }
}

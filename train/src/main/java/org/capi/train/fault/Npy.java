package org.capi.train.fault;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.tensorflow.RawTensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TUint8;
import org.tensorflow.types.family.TType;

/** Tensors as {@code .npy} files, the format of numpy's arrays. */
final class Npy {

    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};
    private static final int ALIGNMENT = 64;
    private static final int CHUNK = 1 << 20;

    private Npy() {}

    static void write(TUint8 tensor, Path file) throws IOException {
        write("|u1", tensor, file);
    }

    static void write(TInt64 tensor, Path file) throws IOException {
        write("<i8", tensor, file);
    }

    static TUint8 bytes(Path file, Shape shape) throws IOException {
        return TUint8.tensorOf(shape, DataBuffers.of(content(file, shape.size())));
    }

    static TInt64 longs(Path file, long count) throws IOException {
        byte[] content = content(file, count * Long.BYTES);
        long[] values = new long[(int) count];
        ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().get(values);
        return TInt64.vectorOf(values);
    }

    private static void write(String type, TType tensor, Path file) throws IOException {
        RawTensor raw = tensor.asRawTensor();
        try (OutputStream out = Files.newOutputStream(file)) {
            out.write(header(type, raw.shape()));
            byte[] chunk = new byte[CHUNK];
            var data = raw.data();
            for (long at = 0; at < data.size(); at += CHUNK) {
                int length = (int) Math.min(CHUNK, data.size() - at);
                data.offset(at).read(chunk, 0, length);
                out.write(chunk, 0, length);
            }
        }
    }

    private static byte[] header(String type, Shape shape) {
        var sizes = new StringBuilder();
        for (long size : shape.asArray()) {
            sizes.append(size).append(", ");
        }
        String text = "{'descr': '" + type + "', 'fortran_order': False, 'shape': (" + sizes + "), }";
        int unpadded = MAGIC.length + Short.BYTES + text.length() + 1;
        text += " ".repeat((ALIGNMENT - unpadded % ALIGNMENT) % ALIGNMENT) + "\n";
        return ByteBuffer.allocate(MAGIC.length + Short.BYTES + text.length())
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(MAGIC)
                .putShort((short) text.length())
                .put(text.getBytes(StandardCharsets.US_ASCII))
                .array();
    }

    /** What follows the header, which must be so many bytes. */
    private static byte[] content(Path file, long bytes) throws IOException {
        byte[] all = Files.readAllBytes(file);
        ByteBuffer buffer = ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN);
        int start = all.length < MAGIC.length + Short.BYTES
                ? all.length
                : MAGIC.length + Short.BYTES + buffer.getShort(MAGIC.length);
        if (all.length - start != bytes) {
            throw new IllegalArgumentException(file + " does not hold the batch of this configuration: "
                    + (all.length - start) + " bytes, not " + bytes);
        }
        return Arrays.copyOfRange(all, start, all.length);
    }
}

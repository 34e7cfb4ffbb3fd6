package org.capi.savedmodels.weights;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.tensorflow.ndarray.Shape;

/** Writes float32 tensors as safetensors. */
final class SafetensorsWriter {

    private static final int ALIGNMENT = 8;

    private SafetensorsWriter() {}

    static void write(NamedTensors tensors, FileChannel file) throws IOException {
        byte[] header = header(tensors.shapes());
        var begin = ByteBuffer.allocate(Long.BYTES + header.length).order(ByteOrder.LITTLE_ENDIAN);
        writeAll(begin.putLong(header.length).put(header).flip(), file);
        for (String name : tensors.shapes().keySet()) {
            FloatBytes.write(tensors.floats(name), (bytes, count) -> writeAll(ByteBuffer.wrap(bytes, 0, count), file));
        }
    }

    /** In JSON, padded with spaces so that the numbers are aligned. */
    private static byte[] header(Map<String, Shape> shapes) throws IOException {
        var json = new JsonMapper();
        var root = json.createObjectNode();
        root.putObject(SafetensorsFile.METADATA).put("format", "pt");
        long at = 0;
        for (Map.Entry<String, Shape> tensor : shapes.entrySet()) {
            long end = at + Float.BYTES * tensor.getValue().size();
            var entry = root.putObject(tensor.getKey()).put("dtype", "F32");
            var sizes = entry.putArray("shape");
            for (long size : tensor.getValue().asArray()) {
                sizes.add(size);
            }
            entry.putArray("data_offsets").add(at).add(end);
            at = end;
        }
        String text = json.writeValueAsString(root);
        int length = text.getBytes(StandardCharsets.UTF_8).length;
        return (text + " ".repeat((ALIGNMENT - length % ALIGNMENT) % ALIGNMENT)).getBytes(StandardCharsets.UTF_8);
    }

    private static void writeAll(ByteBuffer bytes, FileChannel file) throws IOException {
        while (bytes.hasRemaining()) {
            file.write(bytes);
        }
    }
}

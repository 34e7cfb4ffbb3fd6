package org.capi.savedmodels.weights;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.tensorflow.ndarray.Shape;

/** Writes the pickle of an ordered dictionary of float32 tensors, as {@code torch.save} does. */
final class PickleOutput {

    private static final String TENSOR = "torch._utils\n_rebuild_tensor_v2\n";
    private static final String STORAGE = "torch\nFloatStorage\n";
    private static final String DICTIONARY = "collections\nOrderedDict\n";

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private PickleOutput() {}

    /** The pickle; tensor number n has its numbers in the record {@code data/n}. */
    static byte[] of(Map<String, Shape> tensors) {
        var pickle = new PickleOutput();
        pickle.op(0x80).op(2);
        pickle.emptyDictionary().op('(');
        int key = 0;
        for (Map.Entry<String, Shape> tensor : tensors.entrySet()) {
            pickle.text(tensor.getKey()).tensor(key, tensor.getValue());
            key++;
        }
        pickle.op('u').op('.');
        return pickle.out.toByteArray();
    }

    /** The helper of PyTorch's that makes a tensor, called with storage, offset, sizes, strides and two more. */
    private void tensor(int key, Shape shape) {
        op('c').raw(TENSOR).op('(');
        op('(').text("storage").op('c').raw(STORAGE).text(Integer.toString(key)).text("cpu");
        whole(shape.size()).op('t').op('Q');
        whole(0).tuple(shape.asArray()).tuple(strides(shape.asArray()));
        op(0x89).emptyDictionary().op('t').op('R');
    }

    private static long[] strides(long[] sizes) {
        long[] strides = new long[sizes.length];
        long stride = 1;
        for (int axis = sizes.length - 1; axis >= 0; axis--) {
            strides[axis] = stride;
            stride *= Math.max(1, sizes[axis]);
        }
        return strides;
    }

    private PickleOutput emptyDictionary() {
        return op('c').raw(DICTIONARY).op(')').op('R');
    }

    private PickleOutput tuple(long[] values) {
        op('(');
        for (long value : values) {
            whole(value);
        }
        return op('t');
    }

    private PickleOutput whole(long value) {
        if (value == (int) value) {
            return op('J').little(Integer.BYTES, value);
        }
        return op(0x8a).op(Long.BYTES).little(Long.BYTES, value);
    }

    private PickleOutput text(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        op('X').little(Integer.BYTES, bytes.length);
        out.writeBytes(bytes);
        return this;
    }

    private PickleOutput raw(String text) {
        out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    private PickleOutput op(int opcode) {
        out.write(opcode);
        return this;
    }

    private PickleOutput little(int bytes, long value) {
        byte[] all = ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(value)
                .array();
        out.write(all, 0, bytes);
        return this;
    }
}

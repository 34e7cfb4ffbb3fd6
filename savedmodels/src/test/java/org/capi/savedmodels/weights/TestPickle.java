package org.capi.savedmodels.weights;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** Writes pickles of protocol 2, those that PyTorch writes and those that nobody should. */
final class TestPickle {

    /** A float32 tensor in the record {@code data/key}. */
    record Tensor(String key, long storageCount, long offset, List<Long> sizes, List<Long> strides) {

        static Tensor dense(String key, long... sizes) {
            Long[] strides = new Long[sizes.length];
            Long[] boxed = new Long[sizes.length];
            long stride = 1;
            for (int axis = sizes.length - 1; axis >= 0; axis--) {
                strides[axis] = stride;
                boxed[axis] = sizes[axis];
                stride *= sizes[axis];
            }
            return new Tensor(key, stride, 0, List.of(boxed), List.of(strides));
        }
    }

    /** Opcodes as they are. */
    record Raw(String opcodes) {}

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private TestPickle() {}

    static byte[] of(Object root) {
        var pickle = new TestPickle();
        pickle.raw("\u0080\2").add(root);
        pickle.raw(".");
        return pickle.out.toByteArray();
    }

    private void add(Object value) {
        if (value instanceof Map<?, ?> map) {
            raw("}(");
            map.forEach((key, child) -> {
                add(key);
                add(child);
            });
            raw("u");
        } else if (value instanceof List<?> list) {
            raw("](");
            list.forEach(this::add);
            raw("e");
        } else if (value instanceof String text) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            raw("X").little(Integer.BYTES, bytes.length);
            out.writeBytes(bytes);
        } else if (value instanceof Long number) {
            raw("\u008a\10").little(Long.BYTES, number);
        } else if (value instanceof Double number) {
            raw("G").little(Long.BYTES, Long.reverseBytes(Double.doubleToLongBits(number)));
        } else if (value instanceof Tensor tensor) {
            addTensor(tensor);
        } else if (value instanceof Raw opcodes) {
            raw(opcodes.opcodes);
        } else {
            throw new IllegalArgumentException("no such value in a test: " + value);
        }
    }

    private void addTensor(Tensor tensor) {
        raw("ctorch._utils\n_rebuild_tensor_v2\n((");
        add("storage");
        raw("ctorch\nFloatStorage\n");
        add(tensor.key);
        add("cpu");
        add(tensor.storageCount);
        raw("tQ");
        add(tensor.offset);
        addTuple(tensor.sizes);
        addTuple(tensor.strides);
        raw("\u0089ccollections\nOrderedDict\n)RtR");
    }

    private void addTuple(List<Long> values) {
        raw("(");
        values.forEach(this::add);
        raw("t");
    }

    private TestPickle raw(String opcodes) {
        out.writeBytes(opcodes.getBytes(StandardCharsets.ISO_8859_1));
        return this;
    }

    private void little(int bytes, long value) {
        byte[] all = ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(value)
                .array();
        out.write(all, 0, bytes);
    }
}

package org.capi.savedmodels.weights;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.List;
import java.util.zip.CRC32;
import org.tensorflow.ndarray.Shape;

/**
 * A tensor in a file: a strided view of numbers that other tensors may share.
 *
 * @param storage the bytes of the numbers
 * @param offset the first number's index in the storage
 * @param strides how many numbers lie from one index of an axis to the next
 */
record StoredTensor(
        FileRegion storage, ElementType type, ByteOrder order, long offset, List<Long> sizes, List<Long> strides) {

    private static final int MAX_AXES = 16;
    private static final long MAX_EXPANDED = 1 << 28;

    /**
     * A run of bytes in an open file.
     *
     * @param position where it begins in the file
     * @param size how many bytes it has
     */
    record FileRegion(FileChannel file, long position, long size) {

        private static final int CHUNK = 1 << 20;

        /** Fills the rest of a buffer with the bytes from an index of this region on. */
        void read(long from, ByteBuffer into) throws IOException {
            if (from < 0 || into.remaining() > size - from) {
                throw new EOFException(
                        "a read of " + into.remaining() + " bytes at " + from + " passes the end of " + size);
            }
            long at = position + from;
            while (into.hasRemaining()) {
                int count = file.read(into, at);
                if (count < 0) {
                    throw new EOFException("the file ends at byte " + at + "; it was cut short while it was read");
                }
                at += count;
            }
        }

        /** All of a small region. */
        byte[] bytes() throws IOException {
            byte[] bytes = new byte[Math.toIntExact(size)];
            read(0, ByteBuffer.wrap(bytes));
            return bytes;
        }

        /** Its checksum as zip files have it. */
        long crc32() throws IOException {
            var crc = new CRC32();
            var chunk = ByteBuffer.allocateDirect((int) Math.max(1, Math.min(CHUNK, size)));
            for (long at = 0; at < size; at += chunk.capacity()) {
                chunk.clear().limit((int) Math.min(chunk.capacity(), size - at));
                read(at, chunk);
                crc.update(chunk.flip());
            }
            return crc.getValue();
        }
    }

    /** Refuses a view that leaves its storage, even where the arithmetic overflows. */
    StoredTensor {
        sizes = List.copyOf(sizes);
        strides = List.copyOf(strides);
        if (sizes.size() > MAX_AXES) {
            throw new IllegalArgumentException("it has " + sizes.size() + " axes, more than " + MAX_AXES);
        }
        if (sizes.size() != strides.size()) {
            throw new IllegalArgumentException("it has the sizes " + sizes + " but the strides " + strides);
        }
        if (sizes.stream().anyMatch(size -> size < 0) || strides.stream().anyMatch(stride -> stride < 0)) {
            throw new IllegalArgumentException("it has the sizes " + sizes + " and the strides " + strides);
        }
        long numbers = storage.size() / type.width();
        long last = last(offset, sizes, strides);
        if (offset < 0 || last >= numbers) {
            throw new IllegalArgumentException("it reaches number " + last + " of a storage of " + numbers);
        }
        if ((last - offset + 1) > Integer.MAX_VALUE / type.width() - Long.BYTES) {
            throw new IllegalArgumentException("its numbers lie over more than 2 GiB of its storage");
        }
        // An axis of stride 0 repeats its numbers, as Tensor.expand makes it.
        if (count(sizes) > Math.max(numbers, strides.contains(0L) ? MAX_EXPANDED : 0)) {
            throw new IllegalArgumentException("it repeats a storage of " + numbers + " numbers to " + sizes);
        }
    }

    /** A tensor whose numbers lie one after the other. */
    static StoredTensor dense(FileRegion storage, ElementType type, List<Long> sizes) {
        return new StoredTensor(storage, type, ByteOrder.LITTLE_ENDIAN, 0, sizes, denseStrides(sizes));
    }

    Shape shape() {
        return Shape.of(sizes.stream().mapToLong(Long::longValue).toArray());
    }

    long count() {
        return count(sizes);
    }

    /** The numbers in row-major order as float32. */
    float[] floats() throws IOException {
        float[] values = new float[Math.toIntExact(count())];
        if (values.length == 0) {
            return values;
        }
        long span = last(offset, sizes, strides) - offset + 1;
        var bytes = ByteBuffer.allocate(Math.toIntExact(Math.multiplyExact(span, (long) type.width())))
                .order(order);
        storage.read(offset * type.width(), bytes);
        if (strides.equals(denseStrides(sizes))) {
            copyRow(bytes.flip(), 0, 1, values, 0, values.length);
        } else {
            copy(bytes.flip(), values);
        }
        return values;
    }

    private void copyRow(ByteBuffer from, int start, int stride, float[] into, int at, int count) {
        if (type == ElementType.FLOAT32 && stride == 1 && start == 0) {
            from.asFloatBuffer().get(into, at, count);
            return;
        }
        for (int i = 0; i < count; i++) {
            into[at + i] = type.at(from, (start + i * stride) * type.width());
        }
    }

    /** Row by row of the last axis, counting the other axes up like the digits of a number. */
    private void copy(ByteBuffer from, float[] into) {
        int axes = sizes.size();
        int row = Math.toIntExact(sizes.get(axes - 1));
        int stride = Math.toIntExact(strides.get(axes - 1));
        long[] index = new long[axes];
        for (int at = 0; at < into.length; at += row) {
            long start = 0;
            for (int axis = 0; axis < axes - 1; axis++) {
                start += index[axis] * strides.get(axis);
            }
            copyRow(from, (int) start, stride, into, at, row);
            for (int axis = axes - 2; axis >= 0 && ++index[axis] == sizes.get(axis); axis--) {
                index[axis] = 0;
            }
        }
    }

    /** The strides of a tensor whose numbers lie one after the other. */
    static List<Long> denseStrides(List<Long> sizes) {
        Long[] strides = new Long[sizes.size()];
        long stride = 1;
        for (int axis = strides.length - 1; axis >= 0; axis--) {
            strides[axis] = stride;
            stride *= Math.max(1, sizes.get(axis));
        }
        return List.of(strides);
    }

    /** The index of the last number; just before the first one in an empty tensor. */
    private static long last(long offset, List<Long> sizes, List<Long> strides) {
        if (count(sizes) == 0) {
            return offset - 1;
        }
        long last = offset;
        try {
            for (int axis = 0; axis < sizes.size(); axis++) {
                last = Math.addExact(last, Math.multiplyExact(sizes.get(axis) - 1, strides.get(axis)));
            }
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("it has the sizes " + sizes + " and the strides " + strides, e);
        }
        return last;
    }

    private static long count(List<Long> sizes) {
        try {
            return sizes.stream().reduce(1L, Math::multiplyExact);
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("it has the sizes " + sizes, e);
        }
    }
}

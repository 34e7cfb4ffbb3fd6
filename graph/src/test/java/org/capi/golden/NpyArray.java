package org.capi.golden;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One array of a {@code .npy} file, version 1.0, little-endian, C order, of f4, f8, i8 or u1. */
public final class NpyArray {

    private static final Pattern HEADER = Pattern.compile(
            "'descr':\\s*'([<|][a-z]\\d)'.*'fortran_order':\\s*False.*'shape':\\s*\\(([^)]*)\\)", Pattern.DOTALL);

    private final String type;
    private final long[] shape;
    private final ByteBuffer content;

    private NpyArray(String type, long[] shape, ByteBuffer content) {
        this.type = type;
        this.shape = shape;
        this.content = content;
    }

    /** Reads a file; anything but the dialect above is refused by name. */
    public static NpyArray read(Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        byte[] magic = new byte[6];
        bytes.get(magic);
        if (!Arrays.equals(magic, new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'}) || bytes.getShort() != 1) {
            throw new IOException("not a .npy file of version 1.0: " + file);
        }
        byte[] header = new byte[Short.toUnsignedInt(bytes.getShort())];
        bytes.get(header);
        Matcher matcher = HEADER.matcher(new String(header, StandardCharsets.ISO_8859_1));
        if (!matcher.find()) {
            throw new IOException("unexpected .npy header in " + file);
        }
        long[] shape = Arrays.stream(matcher.group(2).split(","))
                .map(String::strip)
                .filter(s -> !s.isEmpty())
                .mapToLong(Long::parseLong)
                .toArray();
        NpyArray array = new NpyArray(matcher.group(1), shape, bytes.slice().order(ByteOrder.LITTLE_ENDIAN));
        if (array.content.remaining() != array.size() * array.width()) {
            throw new IOException("the shape and the length of " + file + " disagree");
        }
        return array;
    }

    /** The sizes of the axes. */
    public long[] shape() {
        return shape.clone();
    }

    /** The size of one axis. */
    public int size(int axis) {
        return Math.toIntExact(shape[axis]);
    }

    /** The number of elements. */
    public int size() {
        return Math.toIntExact(Arrays.stream(shape).reduce(1, (a, b) -> a * b));
    }

    /** Every element in C order, as floats. */
    public float[] floats() {
        float[] values = new float[size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = type.equals("<f4") ? content.getFloat(4 * i) : (float) at(i);
        }
        return values;
    }

    /** Every element in C order, as doubles. */
    public double[] doubles() {
        double[] values = new double[size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = at(i);
        }
        return values;
    }

    /** Every element in C order; the array must hold integers. */
    public long[] longs() {
        if (!type.equals("<i8") && !type.equals("|u1")) {
            throw new IllegalStateException("not integers but " + type);
        }
        long[] values = new long[size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = type.equals("<i8") ? content.getLong(8 * i) : Byte.toUnsignedLong(content.get(i));
        }
        return values;
    }

    /** Every element in C order; the array must be of u1. */
    public byte[] bytes() {
        if (!type.equals("|u1")) {
            throw new IllegalStateException("not bytes but " + type);
        }
        byte[] values = new byte[size()];
        content.get(0, values);
        return values;
    }

    private double at(int i) {
        return switch (type) {
            case "<f4" -> content.getFloat(4 * i);
            case "<f8" -> content.getDouble(8 * i);
            case "<i8" -> content.getLong(8 * i);
            case "|u1" -> Byte.toUnsignedInt(content.get(i));
            default -> throw new IllegalStateException("unknown type " + type);
        };
    }

    private int width() {
        return type.charAt(2) - '0';
    }
}

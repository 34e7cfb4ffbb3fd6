package org.capi.savedmodels.weights;

import java.nio.ByteBuffer;
import java.util.Locale;

/** How the numbers of a tensor are stored. */
enum ElementType {
    FLOAT32(4) {
        @Override
        float at(ByteBuffer bytes, int position) {
            return bytes.getFloat(position);
        }
    },
    FLOAT16(2) {
        @Override
        float at(ByteBuffer bytes, int position) {
            return half(bytes.getShort(position));
        }
    },
    BFLOAT16(2) {
        @Override
        float at(ByteBuffer bytes, int position) {
            return Float.intBitsToFloat(bytes.getShort(position) << 16);
        }
    },
    FLOAT64(8) {
        @Override
        float at(ByteBuffer bytes, int position) {
            return (float) bytes.getDouble(position);
        }
    },
    INT64(8),
    INT32(4),
    INT16(2),
    INT8(1),
    UINT64(8),
    UINT32(4),
    UINT16(2),
    UINT8(1),
    BOOL(1),
    /** The five kinds of numbers of 8 bits. */
    FLOAT8(1),
    /** Several small numbers in a byte, or bits without a meaning. */
    PACKED8(1),
    PACKED16(2),
    COMPLEX32(4),
    COMPLEX64(8),
    COMPLEX128(16);

    private static final int HALF_FRACTION_BITS = 10;
    private static final int HALF_EXPONENT_BIAS = 15;

    private final int width;

    ElementType(int width) {
        this.width = width;
    }

    /** Bytes of one number. */
    int width() {
        return width;
    }

    /** Whether a weight may be of this type. */
    boolean isFloating() {
        return this == FLOAT32 || this == FLOAT16 || this == BFLOAT16 || this == FLOAT64;
    }

    /** One number as float32; only for floating types. */
    float at(ByteBuffer bytes, int position) {
        throw new IllegalStateException("not a type of weights: " + this);
    }

    /** IEEE 754 binary16, exactly. */
    static float half(short bits) {
        int exponent = (bits >> HALF_FRACTION_BITS) & 31;
        int fraction = bits & ((1 << HALF_FRACTION_BITS) - 1);
        float size = switch (exponent) {
            case 0 -> Math.scalb((float) fraction, 1 - HALF_EXPONENT_BIAS - HALF_FRACTION_BITS);
            case 31 -> fraction == 0 ? Float.POSITIVE_INFINITY : Float.NaN;
            default ->
                Math.scalb(
                        (float) (fraction | (1 << HALF_FRACTION_BITS)),
                        exponent - HALF_EXPONENT_BIAS - HALF_FRACTION_BITS);
        };
        return bits < 0 ? -size : size;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}

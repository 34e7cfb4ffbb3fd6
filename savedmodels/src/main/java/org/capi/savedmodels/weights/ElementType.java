package org.capi.savedmodels.weights;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;

/** How the numbers of a tensor are stored, with the names that safetensors and PyTorch have for it. */
enum ElementType {
    FLOAT32(4, "F32", "FloatStorage float32"),
    FLOAT16(2, "F16", "HalfStorage float16"),
    BFLOAT16(2, "BF16", "BFloat16Storage bfloat16"),
    FLOAT64(8, "F64", "DoubleStorage float64"),
    INT64(8, "I64", "LongStorage int64"),
    INT32(4, "I32", "IntStorage int32 QInt32Storage qint32"),
    INT16(2, "I16", "ShortStorage int16"),
    INT8(1, "I8", "CharStorage int8 QInt8Storage qint8"),
    UINT64(8, "U64", "uint64"),
    UINT32(4, "U32", "uint32"),
    UINT16(2, "U16", "uint16"),
    UINT8(1, "U8", "ByteStorage uint8 QUInt8Storage quint8 UntypedStorage"),
    BOOL(1, "BOOL", "BoolStorage bool"),
    /** The five kinds of numbers of 8 bits. */
    FLOAT8(
            1,
            "F8_E4M3 F8_E4M3FNUZ F8_E5M2 F8_E5M2FNUZ F8_E8M0",
            "float8_e4m3fn float8_e4m3fnuz float8_e5m2 float8_e5m2fnuz float8_e8m0fnu"),
    /** Several small numbers in a byte, or bits without a meaning. */
    PACKED8(
            1,
            "",
            "QUInt4x2Storage quint4x2 QUInt2x4Storage quint2x4 bits8 bits4x2 bits2x4 bits1x8 float4_e2m1fn_x2"
                    + " int1 int2 int3 int4 int5 int6 int7 uint1 uint2 uint3 uint4 uint5 uint6 uint7"),
    PACKED16(2, "", "bits16"),
    COMPLEX32(4, "", "complex32 bcomplex32"),
    COMPLEX64(8, "C64", "ComplexFloatStorage complex64"),
    COMPLEX128(16, "", "ComplexDoubleStorage complex128");

    private static final int HALF_FRACTION_BITS = 10;
    private static final int HALF_EXPONENT_BIAS = 15;

    private final int width;
    private final String safetensorsNames;
    private final String torchNames;

    ElementType(int width, String safetensorsNames, String torchNames) {
        this.width = width;
        this.safetensorsNames = safetensorsNames;
        this.torchNames = torchNames;
    }

    /** Bytes of one number. */
    int width() {
        return width;
    }

    List<String> safetensorsNames() {
        return words(safetensorsNames);
    }

    /** Classes of storages, which end in {@code Storage}, and types, all of the module {@code torch}. */
    List<String> torchNames() {
        return words(torchNames);
    }

    private static List<String> words(String names) {
        return names.isEmpty() ? List.of() : List.of(names.split(" "));
    }

    /** Whether a weight may be of this type. */
    boolean isFloating() {
        return this == FLOAT32 || this == FLOAT16 || this == BFLOAT16 || this == FLOAT64;
    }

    /** One number as float32; only for floating types. */
    float at(ByteBuffer bytes, int position) {
        return switch (this) {
            case FLOAT32 -> bytes.getFloat(position);
            case FLOAT16 -> half(bytes.getShort(position));
            case BFLOAT16 -> Float.intBitsToFloat(bytes.getShort(position) << 16);
            case FLOAT64 -> (float) bytes.getDouble(position);
            default -> throw new IllegalStateException("not a type of weights: " + this);
        };
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

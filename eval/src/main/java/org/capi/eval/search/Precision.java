package org.capi.eval.search;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** The type in which products are computed to rule pairs out. */
public enum Precision {
    /** Two bytes a number; fast where the processor multiplies it itself. */
    BFLOAT16(2, 0x1p-9),
    /** Four bytes a number. */
    FLOAT32(4, 0x1p-24);

    private static final Path PROCESSOR = Path.of("/proc/cpuinfo");

    private final int bytes;
    private final double rounding;

    Precision(int bytes, double rounding) {
        this.bytes = bytes;
        this.rounding = rounding;
    }

    /** The faster one on this processor. */
    public static Precision ofThisMachine() {
        try {
            return Files.readString(PROCESSOR).contains("avx512_bf16") ? BFLOAT16 : FLOAT32;
        } catch (IOException e) {
            return FLOAT32; // nothing is known of it; either gives the same neighbours
        }
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    int bytes() {
        return bytes;
    }

    /** How far a number may be from its rounded self, relative to it. */
    double rounding() {
        return rounding;
    }

    /** The bits of a number rounded to the nearest of this type. */
    int bits(double value) {
        int bits = Float.floatToRawIntBits((float) value);
        if (this == FLOAT32) {
            return bits;
        }
        return (bits + 0x7fff + ((bits >> 16) & 1)) >>> 16; // to the nearest, to even between two
    }

    /** The number that rounded bits stand for. */
    double value(int bits) {
        return Float.intBitsToFloat(this == FLOAT32 ? bits : bits << 16);
    }
}

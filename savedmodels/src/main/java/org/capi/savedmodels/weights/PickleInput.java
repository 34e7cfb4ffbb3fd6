package org.capi.savedmodels.weights;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** The values of a pickle's opcodes, each checked against what is left before it is read. */
final class PickleInput {

    private final ByteBuffer bytes;

    PickleInput(byte[] pickle) {
        bytes = ByteBuffer.wrap(pickle).order(ByteOrder.LITTLE_ENDIAN);
    }

    boolean hasMore() {
        return bytes.hasRemaining();
    }

    int position() {
        return bytes.position();
    }

    int unsignedByte() {
        require(Byte.BYTES);
        return Byte.toUnsignedInt(bytes.get());
    }

    int unsignedShort() {
        require(Short.BYTES);
        return Short.toUnsignedInt(bytes.getShort());
    }

    int signedInt() {
        require(Integer.BYTES);
        return bytes.getInt();
    }

    long unsignedInt() {
        return Integer.toUnsignedLong(signedInt());
    }

    long signedLong() {
        require(Long.BYTES);
        return bytes.getLong();
    }

    void skip(int length) {
        require(length);
        bytes.position(bytes.position() + length);
    }

    /** A whole number of at most eight bytes, with its sign. */
    long wholeNumber(int length) {
        require(length);
        long value = 0;
        for (int i = 0; i < length; i++) {
            value |= (long) Byte.toUnsignedInt(bytes.get()) << (Byte.SIZE * i);
        }
        int unused = Long.SIZE - (Byte.SIZE * length);
        return length == 0 ? 0 : value << unused >> unused;
    }

    /** A number in the order of the network, the only one of its kind. */
    double bigEndianDouble() {
        return Double.longBitsToDouble(Long.reverseBytes(signedLong()));
    }

    String text(long length) {
        require(length);
        ByteBuffer part = bytes.slice(bytes.position(), (int) length);
        bytes.position(bytes.position() + (int) length);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(part).toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("its pickle holds a text that is no UTF-8", e);
        }
    }

    /** What stands before the next line feed. */
    String line() {
        int start = bytes.position();
        while (unsignedByte() != '\n') {}
        return new String(bytes.array(), start, bytes.position() - 1 - start, StandardCharsets.UTF_8);
    }

    /** Refuses a length that passes the end. */
    void require(long length) {
        if (length < 0 || length > bytes.remaining()) {
            throw new IllegalArgumentException("its pickle ends too early: byte " + bytes.position() + " wants "
                    + Long.toUnsignedString(length) + " more, " + bytes.remaining() + " are left");
        }
    }
}

package org.capi.data.source.hub;

import java.nio.charset.StandardCharsets;

/**
 * One header block of a tar archive, as POSIX and GNU tar write it.
 *
 * @param type the type flag, such as '0' for a file and 'x' for extended attributes of what follows
 */
record TarHeader(String name, long size, char type) {

    static final int BLOCK = 512;

    private static final int CHECKSUM = 148;
    private static final int CHECKSUM_END = 156;

    /** Reads a block, or says that it is no header. */
    static TarHeader parse(byte[] block) throws TarDamage {
        long unsigned = 0;
        long signed = 0; // what some old programs wrote
        for (int i = 0; i < BLOCK; i++) {
            byte value = i >= CHECKSUM && i < CHECKSUM_END ? (byte) ' ' : block[i];
            unsigned += value & 0xff;
            signed += value;
        }
        long expected = number(block, CHECKSUM, 8);
        if (expected != unsigned && expected != signed) {
            throw new TarDamage("its checksum differs");
        }
        long size = number(block, 124, 12);
        if (size < 0) {
            throw new TarDamage("it gives a negative size");
        }
        String name = text(block, 0, 100);
        boolean posix = text(block, 257, 6).equals("ustar");
        String prefix = posix ? text(block, 345, 155) : "";
        return new TarHeader(prefix.isEmpty() ? name : prefix + "/" + name, size, (char) block[156]);
    }

    /** Whether a file's contents follow. */
    boolean isFile() {
        return type == '0' || type == 0 || type == '7';
    }

    /** How many bytes follow; those of links and folders give a size, but nothing follows. */
    long contents() {
        return type >= '1' && type <= '6' ? 0 : size;
    }

    private static String text(byte[] block, int from, int length) {
        int end = from;
        while (end < from + length && block[end] != 0) {
            end++;
        }
        return new String(block, from, end - from, StandardCharsets.UTF_8);
    }

    private static long number(byte[] block, int from, int length) throws TarDamage {
        if (block[from] < 0) { // binary, for sizes from 8 GiB
            long value = block[from] & 0x3f;
            for (int i = from + 1; i < from + length; i++) {
                value = (value << 8) | (block[i] & 0xff);
            }
            return value;
        }
        String digits = text(block, from, length).strip();
        try {
            return digits.isEmpty() ? 0 : Long.parseLong(digits, 8);
        } catch (NumberFormatException e) {
            throw new TarDamage("it has '" + digits + "' in the place of a number");
        }
    }
}

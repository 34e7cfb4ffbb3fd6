package org.capi.data.source.tar;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.capi.data.files.FileNames;

/**
 * One header block of a tar archive, as POSIX and GNU tar write it.
 *
 * @param link what a link leads to
 * @param type the type flag, such as '0' for a file and 'x' for extended attributes of what follows
 * @param extended whether blocks with more of a sparse file's map follow
 */
record TarHeader(String name, long size, String link, char type, boolean extended) {

    static final int BLOCK = 512;

    private static final int CHECKSUM = 148;
    private static final int CHECKSUM_END = 156;
    private static final int EXTENDED = 482;

    /** Reads a block, or says that it is no header. */
    static TarHeader parse(byte[] block) throws TarDamage {
        if (!isHeader(block)) {
            throw damage("a header has a wrong checksum, it names " + shown(block));
        }
        long size = number(block, 124, 12);
        String name = text(block, 0, 100);
        boolean posix = new String(block, 257, 6, StandardCharsets.ISO_8859_1).equals("ustar\0");
        String prefix = posix ? text(block, 345, 155) : "";
        char type = (char) block[156];
        return new TarHeader(
                prefix.isEmpty() ? name : prefix + "/" + name,
                size,
                text(block, 157, 100),
                type,
                type == TarMember.SPARSE && block[EXTENDED] != 0);
    }

    /** Whether a block has the checksum of a header. */
    static boolean isHeader(byte[] block) {
        long unsigned = 0;
        long signed = 0; // what some old programs wrote
        for (int i = 0; i < BLOCK; i++) {
            byte value = i >= CHECKSUM && i < CHECKSUM_END ? (byte) ' ' : block[i];
            unsigned += value & 0xff;
            signed += value;
        }
        try {
            long expected = number(block, CHECKSUM, 8);
            return expected == unsigned || expected == signed;
        } catch (TarDamage e) {
            return false;
        }
    }

    /** Whether it is of a folder; old programs only end its name in a slash. */
    boolean isFolder() {
        return type == '5' || (type == 0 && name.endsWith("/"));
    }

    /** How many bytes follow; those of links and folders give a size, but nothing follows. */
    long contents() {
        return hasContents() ? size : 0;
    }

    boolean hasContents() {
        return type < '1' || type > '6';
    }

    static TarDamage damage(String detail) {
        return new TarDamage(TarDamage.Kind.DAMAGED, detail);
    }

    private static String shown(byte[] block) {
        return FileNames.shown(text(block, 0, 100));
    }

    private static String text(byte[] block, int from, int length) {
        int end = from;
        while (end < from + length && block[end] != 0) {
            end++;
        }
        return FileNames.decode(Arrays.copyOfRange(block, from, end));
    }

    private static long number(byte[] block, int from, int length) throws TarDamage {
        if (block[from] < 0) { // binary, for sizes from 8 GiB
            byte[] bytes = Arrays.copyOfRange(block, from, from + length);
            bytes[0] = (byte) (bytes[0] << 1 >> 1); // the first bit marks it, the second is the sign
            var value = new BigInteger(bytes);
            if (value.signum() < 0 || value.bitLength() >= Long.SIZE) {
                throw damage("a header of " + shown(block) + " has the number " + value);
            }
            return value.longValue();
        }
        String digits = text(block, from, length).strip();
        try {
            return digits.isEmpty() ? 0 : Long.parseUnsignedLong(digits, 8);
        } catch (NumberFormatException e) {
            throw damage(
                    "a header of " + shown(block) + " has '" + FileNames.shown(digits) + "' in the place of a number");
        }
    }
}

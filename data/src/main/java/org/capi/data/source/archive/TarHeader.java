package org.capi.data.source.archive;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.capi.data.files.FileNames;
import org.jspecify.annotations.Nullable;

/**
 * One header block of a tar archive, as POSIX and GNU tar write it.
 *
 * @param link what a link leads to
 * @param type the type flag, such as '0' for a file and 'x' for extended attributes of the next member
 * @param extended whether blocks with more of a sparse file's map follow
 */
record TarHeader(String name, long size, String link, char type, boolean extended) {

    static final int BLOCK = 512;
    static final char HARD_LINK = '1';
    static final char SYMBOLIC_LINK = '2';
    static final char SPARSE = 'S';

    private static final int CHECKSUM = 148;
    private static final int CHECKSUM_END = 156;
    private static final int EXTENDED = 482;

    /** Reads a block; one that is no header is refused. */
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
                type == SPARSE && block[EXTENDED] != 0);
    }

    /** Whether a block has the checksum of a header. */
    static boolean isHeader(byte[] block) {
        if (block.length != BLOCK) {
            return false;
        }
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

    /** How many bytes follow; the headers of links and folders give a size, but nothing follows. */
    long contents() {
        return hasContents() ? size : 0;
    }

    boolean hasContents() {
        return type < '1' || type > '6';
    }

    static TarDamage damage(String detail) {
        return new TarDamage(TarDamage.Kind.DAMAGED, detail);
    }

    /** The text up to the first zero byte. */
    static String text(byte[] bytes, int from, int length) {
        int end = from;
        while (end < from + length && bytes[end] != 0) {
            end++;
        }
        return FileNames.decode(Arrays.copyOfRange(bytes, from, end));
    }

    private static String shown(byte[] block) {
        return FileNames.shown(text(block, 0, 100));
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

    /** What an extended header gives for the next member; a size of -1 is not given. */
    record Attributes(@Nullable String path, @Nullable String link, long size, boolean sparse) {

        static final Attributes NONE = new Attributes(null, null, -1, false);

        /** Reads records of the form {@code "27 path=some/name\n"}. */
        static Attributes parse(byte[] bytes) throws TarDamage {
            String path = null;
            String sparsePath = null;
            String link = null;
            long size = -1;
            boolean sparse = false;
            int at = 0;
            try {
                while (at < bytes.length && bytes[at] != 0) {
                    int space = at;
                    while (bytes[space] != ' ') {
                        space++;
                    }
                    int length = Integer.parseInt(FileNames.decode(Arrays.copyOfRange(bytes, at, space)));
                    if (length <= space - at + 1 || length > bytes.length - at) {
                        throw damage("an extended header has a record of " + length + " bytes");
                    }
                    String record = FileNames.decode(Arrays.copyOfRange(bytes, space + 1, at + length - 1));
                    String key = record.substring(0, Math.max(record.indexOf('='), 0));
                    String value = record.substring(record.indexOf('=') + 1);
                    switch (key) {
                        case "path" -> path = value;
                        case "linkpath" -> link = value;
                        case "size" -> size = Long.parseLong(value);
                        case "GNU.sparse.name" -> sparsePath = value;
                        default -> {}
                    }
                    sparse |= key.startsWith("GNU.sparse.");
                    at += length;
                }
            } catch (NumberFormatException | IndexOutOfBoundsException e) {
                throw damage("an extended header cannot be read");
            }
            return new Attributes(sparsePath != null ? sparsePath : path, link, size, sparse);
        }
    }
}

package org.capi.data.files;

import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The text of file names, which are bytes: UTF-8 in every locale. A byte that is not UTF-8 is written {@code \xE9}, so
 * that different names stay different. Names that another file gives must not lead out of its folder. Text from files
 * and arguments is printed by {@link #shown} (one line) or {@link #printable} (several lines).
 */
public final class FileNames {

    private static final String ENCODING = System.getProperty("sun.jnu.encoding", "");
    private static final boolean UTF_8 = ENCODING.equalsIgnoreCase(StandardCharsets.UTF_8.name());
    private static final int MAX_SHOWN = 200;
    private static final char REPLACEMENT = '\uFFFD';

    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    /** Control characters but tab and line feed, and those that change the direction of the text around them. */
    private static final Pattern UNPRINTABLE =
            Pattern.compile("[\\p{Cc}\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069&&[^\\t\\n]]");

    private FileNames() {}

    /** The text of a path, made from its bytes where the locale has no characters for them. */
    public static String text(Path path) {
        String text = path.toString();
        if (UTF_8 ? text.indexOf(REPLACEMENT) < 0 : isAscii(text)) {
            return text;
        }
        // Only the address of a path gives its bytes.
        String[] segments = path.toUri().getRawPath().split("/");
        List<String> names = new ArrayList<>();
        for (String segment : List.of(segments).subList(segments.length - path.getNameCount(), segments.length)) {
            String bytes = URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.ISO_8859_1);
            names.add(decode(bytes.getBytes(StandardCharsets.ISO_8859_1)));
        }
        return (path.isAbsolute() ? "/" : "") + String.join("/", names);
    }

    /** A path below the top of an archive without {@code .}, {@code ..} and a leading {@code /}. */
    public static String normal(String path) {
        Deque<String> segments = new ArrayDeque<>();
        for (String segment : path.split("/", -1)) {
            if (segment.equals("..")) {
                segments.pollLast();
            } else if (!segment.isEmpty() && !segment.equals(".")) {
                segments.addLast(segment);
            }
        }
        return String.join("/", segments);
    }

    /**
     * A text of several lines without control characters: each becomes six ASCII characters, such as {@code \u001b},
     * which JSON reads back.
     */
    public static String printable(String text) {
        return UNPRINTABLE
                .matcher(text)
                .replaceAll(found -> String.format(
                        Locale.ROOT, "\\\\u%04x", (int) found.group().charAt(0)));
    }

    /** A name for a message: one line of limited length, with control characters escaped. */
    public static String shown(String name) {
        StringBuilder shown = new StringBuilder();
        for (int i = 0; i < name.length(); i++) {
            if (shown.length() >= MAX_SHOWN) {
                return shown + "...";
            }
            char c = name.charAt(i);
            if (Character.isISOControl(c) || c == '\u2028' || c == '\u2029') {
                shown.append("\\u").append(HEX.toHexDigits(c));
            } else {
                shown.append(c);
            }
        }
        return shown.toString();
    }

    /** A text as a cell of a table: tabs, line ends and backslashes are escaped. */
    public static String inCell(String text) {
        return text.replace("\\", "\\\\")
                .replace("\t", "\\t")
                .replace("\n", "\\n")
                .replace("\r", "\\r");
    }

    /** How to make a name usable that the locale may have no characters for; empty where it has. */
    public static String localeHint(String name) {
        return UTF_8 || isAscii(name)
                ? ""
                : "; the locale has the encoding " + ENCODING + ", not UTF-8: run it with LC_ALL=C.UTF-8";
    }

    /** The text of a name's bytes. */
    public static String decode(byte[] name) {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        ByteBuffer bytes = ByteBuffer.wrap(name);
        CharBuffer decoded = CharBuffer.allocate(name.length + 1);
        StringBuilder text = new StringBuilder();
        while (true) {
            CoderResult result = decoder.decode(bytes, decoded, true);
            text.append(decoded.flip());
            decoded.clear();
            if (!result.isError()) {
                return text.toString();
            }
            for (int i = 0; i < result.length(); i++) {
                text.append("\\x").append(HEX.toHexDigits(bytes.get()));
            }
            decoder.reset();
        }
    }

    /** The file that a name means below a folder; a name that leads out of the folder is refused. */
    public static Path below(Path folder, String name) {
        try {
            Path file = folder.resolve(name);
            Path root = folder.toAbsolutePath().normalize();
            Path place = file.toAbsolutePath().normalize();
            if (place.startsWith(root) && !place.equals(root)) {
                return file;
            }
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("'" + shown(name) + "' is not a valid file name", e);
        }
        throw new IllegalArgumentException("'" + shown(name) + "' is not a path below " + folder);
    }

    /** A name of a file in the folder itself; a path is refused. */
    public static String plain(String name) {
        if (name.isEmpty() || name.equals(".") || name.equals("..") || !name.matches("[^/\\\\\\p{Cntrl}]+")) {
            throw new IllegalArgumentException("'" + shown(name) + "' is not the name of a file");
        }
        return name;
    }

    private static boolean isAscii(String text) {
        return text.chars().allMatch(c -> c < 0x80);
    }
}

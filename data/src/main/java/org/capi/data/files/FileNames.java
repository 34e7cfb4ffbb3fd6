package org.capi.data.files;

import java.io.ByteArrayOutputStream;
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

/**
 * The text of file names, which are bytes: UTF-8 in every locale. A byte that is not UTF-8 is written {@code \xE9}, so
 * that different names stay different. Names that another file gives must not lead out of its folder.
 */
public final class FileNames {

    private static final String ENCODING = System.getProperty("sun.jnu.encoding", "");
    private static final boolean UTF_8 = ENCODING.equalsIgnoreCase(StandardCharsets.UTF_8.name());
    private static final int MAX_SHOWN = 200;
    private static final char REPLACEMENT = '\uFFFD';

    private static final HexFormat HEX = HexFormat.of().withUpperCase();

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
            names.add(decode(unescape(segment)));
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

    /** A name as a message shows it: on one line, with control characters escaped, and not without end. */
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

    private static byte[] unescape(String segment) {
        var bytes = new ByteArrayOutputStream();
        for (int i = 0; i < segment.length(); i++) {
            char c = segment.charAt(i);
            if (c == '%') {
                bytes.write(HexFormat.fromHexDigits(segment, i + 1, i + 3));
                i += 2;
            } else {
                bytes.write(c);
            }
        }
        return bytes.toByteArray();
    }
}

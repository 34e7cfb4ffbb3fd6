package org.capi.data.source.folder;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.capi.data.files.FileNames;
import org.capi.data.source.Entry;
import org.capi.data.source.Entry.Label;
import org.capi.data.source.FileContent;
import org.capi.data.source.ImageNames;
import org.capi.data.source.Source;
import org.capi.data.source.Source.EntryReader;
import org.capi.data.source.Source.Scanned;
import org.capi.data.source.Source.ScannedSplit;
import org.capi.data.source.SplitNames;
import org.jspecify.annotations.Nullable;

/**
 * A UTF-8 text file with an image in every line: its path, and after a tab its label, and after another its label map.
 *
 * <p>Paths are relative to the list's folder, or absolute, and are taken literally, spaces included. A label is the
 * name of a class; without one the image has none. Blank lines, and those that begin with {@code #}, are skipped; a
 * path that begins so is written {@code ./#...}. A first line that names no file and no image names the columns. The
 * label -1 means that there is none. Classes are in order of name; where all of them are numbers, in order of these.
 */
public final class ListFile {

    private static final int MAX_CLASSES = 1_000_000;

    private ListFile() {}

    /** Counts the images in a list, whose split is that of its name, such as val.txt, else train. */
    public static Source open(Path list) throws IOException {
        String name = String.valueOf(list.getFileName());
        String split = SplitNames.of(name.replaceFirst("\\.\\w+$", ""));
        return open(list, split == null ? SplitNames.DEFAULT : split);
    }

    /** Counts the images in a list, and collects their labels. */
    public static Source open(Path list, String split) throws IOException {
        if (!Files.exists(list)) {
            throw new IllegalArgumentException("no such list: " + list);
        }
        if (Files.isDirectory(list)) {
            throw new IllegalArgumentException(list + " is a folder, a list is a text file");
        }
        checkEncoding(list);
        long entries = 0;
        Set<String> names = new HashSet<>();
        List<String> notes = new ArrayList<>();
        try (var reader = new ListReader(list)) {
            for (Entry entry = reader.next(); entry != null; entry = reader.next()) {
                entries++;
                if (entry.label() instanceof Label.Named label
                        && names.add(label.name())
                        && names.size() > MAX_CLASSES) {
                    throw new IllegalArgumentException("the second column of " + list + " names more than "
                            + MAX_CLASSES + " classes: it must be the label");
                }
            }
            if (reader.headerLine > 0) {
                notes.add("line " + reader.headerLine + " of " + list
                        + " names no image and is taken for the names of the columns");
            }
        }
        if (entries == 0) {
            throw new IllegalArgumentException("the list " + list + " names no image");
        }
        var all = new ScannedSplit(split, entries, () -> new ListReader(list));
        return Scanned.of("list", list, List.of(all), sorted(names), notes);
    }

    private static void checkEncoding(Path list) throws IOException {
        try (var in = Files.newInputStream(list)) {
            byte[] start = in.readNBytes(2);
            int mark = start.length < 2 ? 0 : Byte.toUnsignedInt(start[0]) << 8 | Byte.toUnsignedInt(start[1]);
            if (mark == 0xFEFF || mark == 0xFFFE) {
                throw new IllegalArgumentException("the list " + list + " is UTF-16, it must be UTF-8");
            }
        }
    }

    private static List<String> sorted(Set<String> names) {
        boolean numbers = names.stream().allMatch(name -> name.matches("[0-9]{1,20}"));
        Comparator<String> byName = Comparator.naturalOrder();
        Comparator<String> byNumber = Comparator.comparing((String name) -> new BigInteger(name));
        return names.stream()
                .sorted(numbers ? byNumber.thenComparing(byName) : byName)
                .toList();
    }

    /** Reads a list line by line, so that a bad line is one broken entry. */
    private static final class ListReader implements EntryReader {

        private static final int COLUMNS = 3;
        private static final int MAX_LINE = 1 << 16;

        private final Path list;
        private final InputStream in;
        private long number; // of the line, from 1
        private boolean isFirst = true; // no line with content was met
        private long headerLine; // 0 where no line names the columns

        ListReader(Path list) throws IOException {
            this.list = list.toAbsolutePath();
            this.in = new BufferedInputStream(Files.newInputStream(list), 1 << 16);
        }

        @Override
        public @Nullable Entry next() throws IOException {
            for (byte[] line = line(); line != null; line = line()) {
                if (line.length > MAX_LINE) {
                    return malformed("it has more than " + MAX_LINE + " bytes");
                }
                String text;
                try {
                    text = StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(line))
                            .toString();
                } catch (CharacterCodingException e) {
                    return malformed("it is not UTF-8");
                }
                text = number == 1 && text.startsWith("\uFEFF") ? text.substring(1) : text;
                text = text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
                if (text.isBlank() || text.startsWith("#")) {
                    continue;
                }
                if (!isFirst || !isHeader(text)) {
                    isFirst = false;
                    return entry(text);
                }
                isFirst = false;
                headerLine = number;
            }
            return null;
        }

        @Override
        public void close() throws IOException {
            in.close();
        }

        /** The bytes of the next line, of a line that is too long the first ones; null at the end of the file. */
        private byte @Nullable [] line() throws IOException {
            var bytes = new ByteArrayOutputStream();
            int read = in.read();
            if (read < 0) {
                return null;
            }
            while (read >= 0 && read != '\n') {
                if (bytes.size() <= MAX_LINE) {
                    bytes.write(read);
                }
                read = in.read();
            }
            number++;
            return bytes.toByteArray();
        }

        private Entry entry(String text) {
            String[] columns = text.split("\t", -1);
            if (columns.length > COLUMNS) {
                return malformed("it has " + columns.length + " columns, at most path, label and label map");
            }
            if (columns[0].isBlank()) {
                return malformed("it names no file");
            }
            String label = columns.length > 1 ? columns[1].strip() : "";
            if (label.matches("-\\d+") && !label.equals("-1")) {
                return Entry.broken(
                        columns[0], "bad label: " + label + " is not a class number: line " + number + " of " + list);
            }
            String map = columns.length > 2 ? columns[2] : "";
            try {
                return new Entry(
                        columns[0],
                        content(columns[0]),
                        label.isEmpty() || label.equals("-1") ? Label.NONE : new Label.Named(label),
                        map.isBlank() ? null : content(map));
            } catch (InvalidPathException e) {
                return malformed("it has a path that is none: " + e.getReason() + FileNames.localeHint(e.getInput()));
            }
        }

        /** Whether a first line names the columns: it has no name of an image in it, and there is no such file. */
        private boolean isHeader(String text) {
            String path = text.split("\t", -1)[0];
            try {
                return !ImageNames.isImage(path) && !Files.exists(list.resolveSibling(path));
            } catch (InvalidPathException e) {
                return false;
            }
        }

        private Entry.Content content(String path) {
            var content = new FileContent(list.resolveSibling(path));
            long line = number;
            return () -> {
                try {
                    return content.read();
                } catch (IOException e) {
                    throw new IOException(e.getMessage() + ": " + content.file() + ", line " + line, e);
                }
            };
        }

        private Entry malformed(String problem) {
            isFirst = false;
            return Entry.broken("line " + number, "malformed line: line " + number + ", " + problem);
        }
    }
}

package org.capi.data.source.list;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.capi.data.files.FileNames;
import org.capi.data.source.Entry;
import org.capi.data.source.EntryReader;
import org.capi.data.source.FileContent;
import org.capi.data.source.ImageNames;
import org.capi.data.source.Label;
import org.jspecify.annotations.Nullable;

/** Reads a list of images line by line. */
final class ListReader implements EntryReader {

    private static final int COLUMNS = 3;

    private final Path list;
    private final Lines lines;
    private boolean isFirst = true;
    private long headerLine;

    ListReader(Path list) throws IOException {
        this.list = list.toAbsolutePath();
        this.lines = Lines.open(list);
    }

    @Override
    public @Nullable Entry next() throws IOException {
        Lines.Line line = lines.next();
        while (line != null) {
            if (!line.problem().isEmpty()) {
                isFirst = false;
                return malformed(line, line.problem());
            }
            boolean saysNothing = line.text().isBlank() || line.text().startsWith("#");
            boolean header = !saysNothing && isFirst && isHeader(line);
            isFirst &= saysNothing;
            if (header) {
                headerLine = line.number();
            } else if (!saysNothing) {
                return entry(line);
            }
            line = lines.next();
        }
        return null;
    }

    /** The number of the line that names the columns instead of an image; 0 where none was met. */
    long headerLine() {
        return headerLine;
    }

    @Override
    public void close() throws IOException {
        lines.close();
    }

    private Entry entry(Lines.Line line) {
        String[] columns = line.text().split("\t", -1);
        if (columns.length > COLUMNS) {
            return malformed(line, "it has " + columns.length + " columns, at most path, label and label map");
        }
        if (columns[0].isBlank()) {
            return malformed(line, "it names no file");
        }
        String label = columns.length > 1 ? columns[1].strip() : "";
        if (label.matches("-\\d+") && !label.equals("-1")) {
            return Entry.broken(
                    columns[0], "bad label: " + label + " is no class number: line " + line.number() + " of " + list);
        }
        String map = columns.length > 2 ? columns[2] : "";
        try {
            return new Entry(
                    columns[0],
                    content(line, columns[0]),
                    label.isEmpty() || label.equals("-1") ? Label.NONE : new Label.Named(label),
                    map.isBlank() ? null : content(line, map));
        } catch (InvalidPathException e) {
            return malformed(line, "it has a path that is none: " + e.getReason() + FileNames.localeHint(e.getInput()));
        }
    }

    /** Whether a first line names the columns: it has no name of an image in it, and there is no such file. */
    private boolean isHeader(Lines.Line line) {
        String path = line.text().split("\t", -1)[0];
        try {
            return !ImageNames.isImage(path) && !Files.exists(list.resolveSibling(path));
        } catch (InvalidPathException e) {
            return false;
        }
    }

    private Entry.Content content(Lines.Line line, String path) {
        var content = new FileContent(list.resolveSibling(path));
        long number = line.number();
        return () -> {
            try {
                return content.read();
            } catch (IOException e) {
                throw new IOException(e.getMessage() + ": " + content.file() + ", line " + number, e);
            }
        };
    }

    private static Entry malformed(Lines.Line line, String problem) {
        return Entry.broken("line " + line.number(), "malformed line: line " + line.number() + ", " + problem);
    }
}

package org.capi.data.source.list;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.capi.data.source.Entry;
import org.capi.data.source.EntryReader;
import org.capi.data.source.FileContent;
import org.capi.data.source.Label;
import org.jspecify.annotations.Nullable;

/** Reads a list of images line by line. */
final class ListReader implements EntryReader {

    private static final int COLUMNS = 3;

    private final Path folder;
    private final Lines lines;

    ListReader(Path list) throws IOException {
        this.folder = list.toAbsolutePath().resolveSibling("");
        this.lines = Lines.open(list);
    }

    @Override
    public @Nullable Entry next() throws IOException {
        Lines.Line line = lines.next();
        while (line != null) {
            if (!line.problem().isEmpty()) {
                return malformed(line, line.problem());
            }
            if (!line.text().isBlank() && !line.text().startsWith("#")) {
                return entry(line);
            }
            line = lines.next();
        }
        return null;
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
        String map = columns.length > 2 ? columns[2] : "";
        try {
            return new Entry(
                    columns[0],
                    content(line, columns[0]),
                    label.isEmpty() ? Label.NONE : new Label.Named(label),
                    map.isBlank() ? null : content(line, map));
        } catch (InvalidPathException e) {
            return malformed(line, "it has a path that is none: " + e.getReason());
        }
    }

    private Entry.Content content(Lines.Line line, String path) {
        var content = new FileContent(folder.resolve(path));
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

package org.capi.data.source.hub;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.capi.data.files.FileNames;
import org.capi.data.source.Entry;
import org.capi.data.source.Entry.Label;
import org.capi.data.source.FileContent;
import org.capi.data.source.hub.TableLayout.Cell;
import org.capi.data.source.hub.TableLayout.TableColumn;
import org.jspecify.annotations.Nullable;

/**
 * A file of rows with an image each.
 *
 * @param name the file's path below the collection's root
 */
record TableFile(Path file, String name, TableLayout layout) {

    /** A row; its name is the file's with the row's number, and the end of the image's path where it has one. */
    Entry entry(long row, Map<Cell, Object> values) {
        Path parent = file.toAbsolutePath().getParent();
        Path folder = parent == null ? file : parent;
        var image = new ImageCell((ByteBuffer) values.get(Cell.IMAGE), (String) values.get(Cell.IMAGE_PATH));
        var map = new ImageCell((ByteBuffer) values.get(Cell.LABEL_MAP), (String) values.get(Cell.LABEL_MAP_PATH));
        return new Entry(
                name(row, image.fileName()),
                image.content(folder),
                label(values.get(Cell.LABEL)),
                map.bytes == null && map.path == null ? null : map.content(folder));
    }

    Entry broken(long row, String problem) {
        return Entry.broken(name(row, ""), problem);
    }

    /** Refuses a file or row that breaks a rule. */
    static void require(boolean rule, String problem) throws IOException {
        if (!rule) {
            throw new IOException(problem);
        }
    }

    /** Why a file or row cannot be read, in one line: the message at the root of the exceptions. */
    static String reason(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        if (root instanceof StackOverflowError) {
            return "its columns are nested too deep";
        }
        if (root instanceof OutOfMemoryError) {
            return "it takes more memory than there is";
        }
        String message = root.getMessage();
        return message == null ? "its content contradicts itself" : TableColumn.shown(message);
    }

    private String name(long row, String end) {
        return name + ":" + row + (end.isEmpty() ? "" : "/" + end);
    }

    private Label label(@Nullable Object value) {
        if (value == null) {
            return Label.NONE;
        }
        if (value instanceof String text) {
            return text.isBlank() ? new Label.Bad("bad label: it is empty") : new Label.Named(text);
        }
        try {
            Label label = HubSource.label((Long) value);
            int classes = layout.classes().size();
            if (classes == 0 || !(label instanceof Label.Numbered numbered)) {
                return label;
            }
            return numbered.number() < classes
                    ? new Label.Named(layout.classes().get(numbered.number()))
                    : new Label.Bad("bad label: " + numbered.number() + ", there are only " + classes + " class names");
        } catch (IOException e) {
            return new Label.Bad(String.valueOf(e.getMessage()));
        }
    }

    /** A cell of an image column: the encoded file, or else the path where it lies. */
    record ImageCell(@Nullable ByteBuffer bytes, @Nullable String path) {

        /** The end of the path, with which the image's name ends. */
        String fileName() {
            return path == null ? "" : path.substring(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
        }

        /** The encoded file; a path without bytes is looked up below the folder. */
        Entry.Content content(Path folder) {
            ByteBuffer held = bytes;
            if (held != null) {
                return held::duplicate;
            }
            String below = path;
            if (below == null) {
                return Entry.failing("no image: the row has neither bytes nor a path");
            }
            return () -> {
                Path file;
                try {
                    file = FileNames.below(folder, below);
                } catch (IllegalArgumentException e) {
                    throw new IOException("bad path: " + e.getMessage(), e);
                }
                TableFile.require(
                        Files.isRegularFile(file), "missing file: the row has no bytes, and there is no " + file);
                return new FileContent(file).read();
            };
        }
    }
}

package org.capi.data.source.hub;

import java.io.IOException;
import java.nio.file.Path;
import org.capi.data.source.Entry;
import org.capi.data.source.Label;
import org.jspecify.annotations.Nullable;

/**
 * A file of rows with an image each.
 *
 * @param name the file's path below the collection's root
 */
record Table(Path file, String name, TableLayout layout) {

    /** A row; its name is the file's with the row's number, and the end of the image's path where it has one. */
    Entry entry(long row, Picture image, Picture labelMap, @Nullable Object label) {
        return new Entry(
                name(row, image),
                image.content(folder()),
                label(label),
                labelMap.isNone() ? null : labelMap.content(folder()));
    }

    /** A row that cannot be read. */
    Entry broken(long row, String problem) {
        return Entry.broken(name(row, Picture.NONE), problem);
    }

    private String name(long row, Picture image) {
        String end = image.fileName();
        return name + ":" + row + (end.isEmpty() ? "" : "/" + end);
    }

    private Path folder() {
        Path parent = file.toAbsolutePath().getParent();
        return parent == null ? file : parent;
    }

    private Label label(@Nullable Object value) {
        try {
            return read(value);
        } catch (IOException e) {
            return new Label.Bad(String.valueOf(e.getMessage()));
        }
    }

    private Label read(@Nullable Object value) throws IOException {
        if (value == null) {
            return Label.NONE;
        }
        if (value instanceof String text) {
            if (text.isBlank()) {
                throw new IOException("bad label: it is empty");
            }
            return new Label.Named(text);
        }
        Label label = SampleLabel.of((Long) value);
        if (label instanceof Label.Numbered numbered && !layout.classes().isEmpty()) {
            if (numbered.number() >= layout.classes().size()) {
                throw new IOException("bad label: " + numbered.number() + ", there are only "
                        + layout.classes().size() + " class names");
            }
            return new Label.Named(layout.classes().get(numbered.number()));
        }
        return label;
    }
}

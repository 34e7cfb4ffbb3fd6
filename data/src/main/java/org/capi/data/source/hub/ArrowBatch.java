package org.capi.data.source.hub;

import java.io.IOException;
import org.apache.arrow.flatbuf.RecordBatch;
import org.capi.data.source.Entry;
import org.capi.data.source.hub.ArrowColumns.Place;
import org.jspecify.annotations.Nullable;

/** The columns in use of one record batch. */
record ArrowBatch(
        int rows,
        @Nullable ArrowVector image,
        @Nullable ArrowVector imagePath,
        @Nullable ArrowVector labelMap,
        @Nullable ArrowVector labelMapPath,
        @Nullable ArrowVector label) {

    static ArrowBatch of(ArrowMessages file, RecordBatch batch, long body, ArrowColumns columns, TableLayout layout) {
        return new ArrowBatch(
                Math.toIntExact(batch.length()),
                vector(file, batch, body, columns.place(layout.image(), Picture.BYTES)),
                vector(file, batch, body, columns.place(layout.image(), Picture.PATH)),
                vector(file, batch, body, columns.place(layout.labelMap(), Picture.BYTES)),
                vector(file, batch, body, columns.place(layout.labelMap(), Picture.PATH)),
                vector(file, batch, body, columns.place(layout.label(), Picture.BYTES)));
    }

    Entry entry(Table table, long rowInFile, int row) {
        try {
            Picture picture = picture(image, imagePath, row);
            return table.entry(rowInFile, picture, picture(labelMap, labelMapPath, row), label(table, row));
        } catch (IOException | IndexOutOfBoundsException e) {
            return table.broken(rowInFile, "damaged file: " + e.getMessage());
        }
    }

    private static @Nullable ArrowVector vector(
            ArrowMessages file, RecordBatch batch, long body, @Nullable Place place) {
        return place == null ? null : new ArrowVector(file, batch, body, place);
    }

    private static Picture picture(@Nullable ArrowVector bytes, @Nullable ArrowVector path, int row)
            throws IOException {
        return new Picture(bytes == null ? null : bytes.bytes(row), path == null ? null : path.text(row));
    }

    private @Nullable Object label(Table table, int row) throws IOException {
        Column column = table.layout().label();
        if (label == null || column == null) {
            return null;
        }
        return column.kind() == Column.Kind.TEXT ? label.text(row) : label.number(row);
    }
}

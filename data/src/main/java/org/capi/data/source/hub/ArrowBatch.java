package org.capi.data.source.hub;

import java.io.IOException;
import java.util.Map;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.capi.data.source.Entry;
import org.capi.data.source.hub.ArrowColumns.Place;
import org.capi.data.source.hub.ArrowVector.Body;
import org.jspecify.annotations.Nullable;

/** The columns in use of one record batch. */
record ArrowBatch(
        int rows,
        @Nullable ArrowVector image,
        @Nullable ArrowVector imagePath,
        @Nullable ArrowVector labelMap,
        @Nullable ArrowVector labelMapPath,
        @Nullable ArrowVector label) {

    static ArrowBatch of(Body body, ArrowColumns columns, TableLayout layout, Map<Long, ArrowDictionary> dictionaries)
            throws IOException {
        return new ArrowBatch(
                body.rows(),
                vector(body, columns.place(layout.image(), Picture.BYTES), dictionaries),
                vector(body, columns.place(layout.image(), Picture.PATH), dictionaries),
                vector(body, columns.place(layout.labelMap(), Picture.BYTES), dictionaries),
                vector(body, columns.place(layout.labelMap(), Picture.PATH), dictionaries),
                vector(body, columns.place(layout.label(), Picture.BYTES), dictionaries));
    }

    Entry entry(Table table, long rowInFile, int row) {
        try {
            Picture picture = picture(image, imagePath, row);
            return table.entry(rowInFile, picture, picture(labelMap, labelMapPath, row), label(table, row));
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            return table.broken(rowInFile, "damaged file: " + ParquetShard.reason(e));
        }
    }

    private static @Nullable ArrowVector vector(
            Body body, @Nullable Place place, Map<Long, ArrowDictionary> dictionaries) throws IOException {
        if (place == null) {
            return null;
        }
        DictionaryEncoding encoding = place.field().getDictionary();
        ArrowDictionary dictionary = encoding == null ? null : dictionaries.get(encoding.getId());
        if (encoding != null && dictionary == null && body.rows() > 0) {
            throw new IOException("there is no dictionary for its column "
                    + Column.shown(place.field().getName()));
        }
        return new ArrowVector(body, place, dictionary);
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

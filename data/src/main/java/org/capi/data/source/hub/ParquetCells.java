package org.capi.data.source.hub;

import java.nio.ByteBuffer;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ColumnReadStore;
import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.capi.data.source.Entry;
import org.jspecify.annotations.Nullable;

/** The columns in use of one row group, read from its first row to its last. */
final class ParquetCells {

    private final @Nullable ColumnReader image;
    private final @Nullable ColumnReader imagePath;
    private final @Nullable ColumnReader labelMap;
    private final @Nullable ColumnReader labelMapPath;
    private final @Nullable ColumnReader label;
    private long row;

    ParquetCells(ColumnReadStore store, MessageType schema, TableLayout layout) {
        image = reader(store, ParquetSchema.leaf(schema, layout.image(), Picture.BYTES));
        imagePath = reader(store, ParquetSchema.leaf(schema, layout.image(), Picture.PATH));
        labelMap = reader(store, ParquetSchema.leaf(schema, layout.labelMap(), Picture.BYTES));
        labelMapPath = reader(store, ParquetSchema.leaf(schema, layout.labelMap(), Picture.PATH));
        label = reader(store, ParquetSchema.leaf(schema, layout.label(), Picture.BYTES));
    }

    /** Passes over rows up to one of the group's rows and reads it. */
    Entry entry(Table table, long rowInFile, long rowInGroup) {
        for (; row < rowInGroup; row++) {
            pass(image);
            pass(imagePath);
            pass(labelMap);
            pass(labelMapPath);
            pass(label);
        }
        row++;
        var picture = new Picture(bytes(image), text(imagePath));
        var map = new Picture(bytes(labelMap), text(labelMapPath));
        return table.entry(rowInFile, picture, map, label(label));
    }

    private static @Nullable ColumnReader reader(ColumnReadStore store, @Nullable ColumnDescriptor leaf) {
        return leaf == null ? null : store.getColumnReader(leaf);
    }

    private static void pass(@Nullable ColumnReader column) {
        if (column != null) {
            if (!isNull(column)) {
                column.skip(); // the value; consuming passes over its levels
            }
            column.consume();
        }
    }

    private static boolean isNull(ColumnReader column) {
        return column.getCurrentDefinitionLevel() < column.getDescriptor().getMaxDefinitionLevel();
    }

    private static @Nullable ByteBuffer bytes(@Nullable ColumnReader column) {
        if (column == null) {
            return null;
        }
        // A copy, so that the page can go.
        ByteBuffer value =
                isNull(column) ? null : ByteBuffer.wrap(column.getBinary().getBytes());
        column.consume();
        return value;
    }

    private static @Nullable String text(@Nullable ColumnReader column) {
        if (column == null) {
            return null;
        }
        String value = isNull(column) ? null : column.getBinary().toStringUsingUTF8();
        column.consume();
        return value;
    }

    private static @Nullable Object label(@Nullable ColumnReader column) {
        if (column == null) {
            return null;
        }
        PrimitiveTypeName type = column.getDescriptor().getPrimitiveType().getPrimitiveTypeName();
        if (type == PrimitiveTypeName.BINARY) {
            return text(column);
        }
        Long value = null;
        if (!isNull(column)) {
            value = type == PrimitiveTypeName.INT64 ? column.getLong() : (long) column.getInteger();
        }
        column.consume();
        return value;
    }
}

package org.capi.data.source.hub;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.column.impl.ColumnReadStoreImpl;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.io.LocalInputFile;
import org.apache.parquet.schema.MessageType;
import org.capi.data.source.Entry;
import org.capi.data.source.Source.EntryReader;
import org.capi.data.source.hub.TableLayout.Cell;
import org.jspecify.annotations.Nullable;

/** Reads the rows of a Parquet file, holding the columns in use of one row group, still compressed. */
final class ParquetRows implements EntryReader {

    private final TableFile table;
    private final ParquetFileReader reader;
    private final List<BlockMetaData> groups;
    private final MessageType schema;
    private @Nullable Map<Cell, ColumnReader> cells; // of the row group, before it is read null
    private long rowOfCells;
    private @Nullable String damage;
    private int group;
    private long rowInGroup;
    private long row;

    ParquetRows(TableFile table) throws IOException {
        this.table = table;
        this.reader = reader(table.file());
        this.groups = reader.getRowGroups();
        this.schema = ParquetFiles.projection(reader.getFileMetaData().getSchema(), table.layout());
        reader.setRequestedSchema(schema);
    }

    static ParquetFileReader reader(Path file) throws IOException {
        ParquetReadOptions options = ParquetReadOptions.builder(new PlainParquetConfiguration())
                .withCodecFactory(new ParquetPages())
                .withPageChecksumVerification(true)
                .build();
        return new ParquetFileReader(new LocalInputFile(file), options);
    }

    @Override
    public @Nullable Entry next() {
        skip(0);
        if (group >= groups.size()) {
            return null;
        }
        Entry entry = read();
        row++;
        rowInGroup++;
        return entry;
    }

    @Override
    public void skip(long entries) {
        long ahead = entries;
        while (group < groups.size() && ahead >= groups.get(group).getRowCount() - rowInGroup) {
            long left = groups.get(group).getRowCount() - rowInGroup;
            ahead -= left;
            row += left;
            group++;
            rowInGroup = 0;
            cells = null;
            damage = null;
        }
        if (group < groups.size()) {
            row += ahead;
            rowInGroup += ahead;
        }
    }

    @Override
    public void close() throws IOException {
        reader.close();
    }

    // A column that is damaged somewhere cannot be read on in its row group.
    private Entry read() {
        if (damage == null) {
            try {
                return entry(cells == null ? openGroup() : cells);
            } catch (IOException | RuntimeException | OutOfMemoryError | StackOverflowError e) {
                damage = "damaged file: row group " + group + ": " + TableFile.reason(e);
                cells = null;
            }
        }
        return table.broken(row, damage);
    }

    private Map<Cell, ColumnReader> openGroup() throws IOException {
        var store = new ColumnReadStoreImpl(
                new ParquetPages.BoundedPages(reader.readRowGroup(group)),
                new ParquetPages.NoConverter(),
                schema,
                reader.getFileMetaData().getCreatedBy());
        Map<Cell, ColumnReader> readers = new EnumMap<>(Cell.class);
        for (Cell cell : Cell.values()) {
            List<String> path = table.layout().path(cell);
            String[] leaf = path == null ? new String[0] : path.toArray(new String[0]);
            if (path != null && schema.containsPath(leaf)) {
                readers.put(cell, store.getColumnReader(schema.getColumnDescription(leaf)));
            }
        }
        cells = readers;
        rowOfCells = 0;
        return readers;
    }

    private Entry entry(Map<Cell, ColumnReader> readers) {
        for (; rowOfCells < rowInGroup; rowOfCells++) {
            for (ColumnReader column : readers.values()) {
                if (!isNull(column)) {
                    column.skip(); // the value; consuming skips its levels
                }
                column.consume();
            }
        }
        rowOfCells++;
        Map<Cell, Object> values = new EnumMap<>(Cell.class);
        readers.forEach((cell, column) -> {
            if (!isNull(column)) {
                values.put(cell, value(cell, column));
            }
            column.consume();
        });
        return table.entry(row, values);
    }

    private static boolean isNull(ColumnReader column) {
        return column.getCurrentDefinitionLevel() < column.getDescriptor().getMaxDefinitionLevel();
    }

    private static Object value(Cell cell, ColumnReader column) {
        return switch (column.getDescriptor().getPrimitiveType().getPrimitiveTypeName()) {
            case INT64 -> column.getLong();
            case INT32 -> (long) column.getInteger();
            default ->
                cell.isEncoded()
                        ? ByteBuffer.wrap(column.getBinary().getBytes()) // a copy, so that the page can go
                        : column.getBinary().toStringUsingUTF8();
        };
    }
}

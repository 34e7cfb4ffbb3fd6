package org.capi.data.source.hub;

import java.io.IOException;
import java.util.List;
import org.apache.parquet.column.impl.ColumnReadStoreImpl;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.schema.MessageType;
import org.capi.data.source.Entry;
import org.capi.data.source.EntryReader;
import org.jspecify.annotations.Nullable;

/** Reads the rows of a Parquet file, holding the columns in use of one row group, still compressed. */
final class ParquetRows implements EntryReader {

    private final Table table;
    private final ParquetFileReader reader;
    private final List<BlockMetaData> groups;
    private final MessageType schema;
    private @Nullable ParquetCells cells;
    private @Nullable String damage;
    private int group;
    private long rowInGroup;
    private long row;

    ParquetRows(Table table) throws IOException {
        this.table = table;
        this.reader = ParquetShard.reader(table.file());
        this.groups = reader.getRowGroups();
        this.schema = ParquetSchema.projection(reader.getFileMetaData().getSchema(), table.layout());
        reader.setRequestedSchema(schema);
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
                if (cells == null) {
                    var store = new ColumnReadStoreImpl(
                            new BoundedPages(reader.readRowGroup(group)),
                            new NoConverter(),
                            schema,
                            reader.getFileMetaData().getCreatedBy());
                    cells = new ParquetCells(store, schema, table.layout());
                }
                return cells.entry(table, row, rowInGroup);
            } catch (IOException | RuntimeException | OutOfMemoryError | StackOverflowError e) {
                damage = "damaged file: row group " + group + ": " + ParquetShard.reason(e);
                cells = null;
            }
        }
        return table.broken(row, damage);
    }
}

package org.capi.data.source.hub;

import java.io.IOException;
import org.apache.arrow.flatbuf.MessageHeader;
import org.apache.arrow.flatbuf.RecordBatch;
import org.capi.data.source.Entry;
import org.capi.data.source.EntryReader;
import org.jspecify.annotations.Nullable;

/** Reads the rows of an Arrow file, holding the offsets of one record batch. */
final class ArrowRows implements EntryReader {

    private final Table table;
    private final ArrowColumns columns;
    private final ArrowMessages messages;
    private @Nullable ArrowBatch batch;
    private int rowInBatch;
    private long row;

    ArrowRows(Table table, ArrowColumns columns, ArrowMessages messages) {
        this.table = table;
        this.columns = columns;
        this.messages = messages;
    }

    @Override
    public @Nullable Entry next() throws IOException {
        skip(0);
        return batch == null ? null : batch.entry(table, row++, rowInBatch++);
    }

    @Override
    public void skip(long entries) throws IOException {
        long ahead = entries;
        while (batch == null || ahead >= batch.rows() - rowInBatch) {
            if (batch != null) {
                int left = batch.rows() - rowInBatch;
                ahead -= left;
                row += left;
            }
            batch = nextBatch();
            rowInBatch = 0;
            if (batch == null) {
                return;
            }
        }
        rowInBatch += (int) ahead;
        row += ahead;
    }

    @Override
    public void close() throws IOException {
        messages.close();
    }

    private @Nullable ArrowBatch nextBatch() throws IOException {
        for (var found = messages.next(); found != null; found = messages.next()) {
            if (found.message().headerType() == MessageHeader.RecordBatch
                    && found.message().header(new RecordBatch()) instanceof RecordBatch header) {
                return ArrowBatch.of(messages, header, found.body(), columns, table.layout());
            }
        }
        return null;
    }
}

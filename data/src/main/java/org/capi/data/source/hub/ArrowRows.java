package org.capi.data.source.hub;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.apache.arrow.flatbuf.DictionaryBatch;
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
    private final Map<Long, ArrowDictionary> dictionaries = new HashMap<>();
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

    /** The next record batch, or null; one whose description contradicts itself is refused. */
    @Nullable
    ArrowBatch nextBatch() throws IOException {
        try {
            for (var found = messages.next(); found != null; found = messages.next()) {
                byte type = found.message().headerType();
                if (type == MessageHeader.RecordBatch
                        && found.message().header(new RecordBatch()) instanceof RecordBatch batch) {
                    return ArrowBatch.of(body(found, batch), columns, table.layout(), dictionaries);
                }
                if (type == MessageHeader.DictionaryBatch
                        && found.message().header(new DictionaryBatch()) instanceof DictionaryBatch dictionary) {
                    add(dictionary, found);
                }
            }
        } catch (IndexOutOfBoundsException e) {
            throw new IOException("a message is damaged", e);
        }
        return null;
    }

    /** Takes the values of a dictionary, or more of them. */
    private void add(DictionaryBatch dictionary, ArrowMessages.Found found) throws IOException {
        long id = dictionary.id();
        ArrowColumns.Place place = columns.dictionary(id);
        RecordBatch values = dictionary.data();
        if (place == null || values == null) {
            return;
        }
        if (!dictionary.isDelta()) {
            dictionaries.put(id, new ArrowDictionary());
        }
        dictionaries
                .computeIfAbsent(id, i -> new ArrowDictionary())
                .add(new ArrowVector(body(found, values), place, null));
    }

    private ArrowVector.Body body(ArrowMessages.Found found, RecordBatch batch) throws IOException {
        if (batch.compression() != null) {
            throw new IOException("its record batches are compressed, which is not read");
        }
        return new ArrowVector.Body(messages, batch, found.body(), found.bodyLength());
    }
}

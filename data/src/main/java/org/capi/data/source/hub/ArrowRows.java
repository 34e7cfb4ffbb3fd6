package org.capi.data.source.hub;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.flatbuf.DictionaryBatch;
import org.apache.arrow.flatbuf.MessageHeader;
import org.apache.arrow.flatbuf.RecordBatch;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.capi.data.source.Entry;
import org.capi.data.source.Source.EntryReader;
import org.capi.data.source.hub.ArrowSchema.Place;
import org.capi.data.source.hub.TableLayout.Cell;
import org.capi.data.source.hub.TableLayout.TableColumn;
import org.jspecify.annotations.Nullable;

/** Reads the rows of an Arrow file, holding the offsets of one record batch. */
final class ArrowRows implements EntryReader {

    private final TableFile table;
    private final ArrowSchema schema;
    private final ArrowMessages messages;
    private final Map<Long, List<ArrowVector>> dictionaries = new HashMap<>(); // the batches of each
    private final Map<Cell, ArrowVector> cells = new EnumMap<>(Cell.class); // of the current record batch
    private int rows; // of the current record batch
    private int rowInBatch;
    private long row;

    ArrowRows(TableFile table, ArrowSchema schema, ArrowMessages messages) {
        this.table = table;
        this.schema = schema;
        this.messages = messages;
    }

    @Override
    public @Nullable Entry next() throws IOException {
        skip(0);
        return rows == 0 ? null : entry(row++, rowInBatch++);
    }

    @Override
    public void skip(long entries) throws IOException {
        long ahead = entries;
        while (ahead >= rows - rowInBatch) {
            int left = rows - rowInBatch;
            ahead -= left;
            row += left;
            rowInBatch = rows;
            if (!nextBatch()) {
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

    int rows() {
        return rows;
    }

    /** Turns to the next record batch; one whose description contradicts itself is refused. */
    boolean nextBatch() throws IOException {
        rows = 0;
        rowInBatch = 0;
        try {
            for (var found = messages.next(); found != null; found = messages.next()) {
                byte type = found.message().headerType();
                if (type == MessageHeader.RecordBatch
                        && found.message().header(new RecordBatch()) instanceof RecordBatch batch) {
                    read(body(found, batch));
                    return true;
                }
                if (type == MessageHeader.DictionaryBatch
                        && found.message().header(new DictionaryBatch()) instanceof DictionaryBatch dictionary) {
                    add(dictionary, found);
                }
            }
        } catch (IndexOutOfBoundsException e) {
            throw new IOException("a message is damaged", e);
        }
        return false;
    }

    private void read(ArrowVector.Body body) throws IOException {
        int count = body.rows();
        cells.clear();
        for (Cell cell : Cell.values()) {
            Place place = schema.place(table.layout(), cell);
            if (place == null) {
                continue;
            }
            DictionaryEncoding encoding = place.field().getDictionary();
            List<ArrowVector> dictionary = encoding == null ? null : dictionaries.get(encoding.getId());
            if (encoding != null && dictionary == null && count > 0) {
                throw new IOException("there is no dictionary for its column "
                        + TableColumn.shown(place.field().getName()));
            }
            cells.put(cell, new ArrowVector(body, place, dictionary));
        }
        rows = count;
    }

    /** Takes the values of a dictionary, or more of them. */
    private void add(DictionaryBatch dictionary, ArrowMessages.Found found) throws IOException {
        long id = dictionary.id();
        Place place = schema.dictionary(id);
        RecordBatch values = dictionary.data();
        if (place == null || values == null) {
            return;
        }
        if (!dictionary.isDelta()) {
            dictionaries.remove(id);
        }
        var vector = new ArrowVector(body(found, values), place, null);
        dictionaries.computeIfAbsent(id, i -> new ArrayList<>()).add(vector);
    }

    private ArrowVector.Body body(ArrowMessages.Found found, RecordBatch batch) throws IOException {
        if (batch.compression() != null) {
            throw new IOException("its record batches are compressed, which is not read");
        }
        return new ArrowVector.Body(messages, batch, found.body(), found.bodyLength());
    }

    private Entry entry(long rowInFile, int at) {
        try {
            Map<Cell, Object> values = new EnumMap<>(Cell.class);
            for (var cell : cells.entrySet()) {
                Object value = cell.getValue().value(at, cell.getKey().isEncoded());
                if (value != null) {
                    values.put(cell.getKey(), value);
                }
            }
            return table.entry(rowInFile, values);
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            return table.broken(rowInFile, "damaged file: " + TableFile.reason(e));
        }
    }
}

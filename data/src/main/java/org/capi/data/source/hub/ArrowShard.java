package org.capi.data.source.hub;

import java.io.IOException;
import java.nio.file.Path;
import org.apache.arrow.flatbuf.MessageHeader;
import org.apache.arrow.flatbuf.RecordBatch;
import org.apache.arrow.vector.ipc.message.MessageSerializer;
import org.apache.arrow.vector.types.pojo.Schema;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.capi.data.source.EntryReader;
import org.jspecify.annotations.Nullable;

/** One Arrow file of a collection, in the stream or the file format. */
record ArrowShard(Table table, ArrowColumns columns, long entries) implements TableShard {

    private static final Logger log = LogManager.getLogger(ArrowShard.class);

    /**
     * Reads a file's schema and counts its rows by the headers of its record batches; one that cannot be used is refused.
     *
     * @param noted what is known about the columns from elsewhere, for files that say nothing themselves
     */
    static ArrowShard scan(Path file, String name, Features noted) {
        try (ArrowMessages messages = ArrowMessages.open(file)) {
            Schema schema = schema(messages);
            var columns = new ArrowColumns(schema);
            Features own = Features.ofMetadata(schema.getCustomMetadata().get(Features.METADATA));
            TableLayout layout = TableLayout.choose(file, columns.columns(), own.isEmpty() ? noted : own);
            long rows = 0;
            for (RecordBatch batch = batch(messages); batch != null; batch = batch(messages)) {
                if (batch.compression() != null) {
                    throw new IOException("its record batches are compressed, which is not read");
                }
                rows += batch.length();
            }
            if (!messages.isMarked()) {
                log.warn("{} ends without an end mark; its {} rows may not be all", file, rows);
            }
            return new ArrowShard(new Table(file, name, layout), columns, rows);
        } catch (IOException | IndexOutOfBoundsException e) {
            throw new IllegalArgumentException(
                    "damaged, cut off, or no Arrow file: " + file + ": " + e.getMessage(), e);
        }
    }

    @Override
    public EntryReader open() throws IOException {
        ArrowMessages messages = ArrowMessages.open(table.file());
        return new ArrowRows(table, columns, messages);
    }

    private static Schema schema(ArrowMessages messages) throws IOException {
        ArrowMessages.Found first = messages.next();
        if (first == null || first.message().headerType() != MessageHeader.Schema) {
            throw new IOException("it does not begin with a schema");
        }
        return MessageSerializer.deserializeSchema(first.message());
    }

    private static @Nullable RecordBatch batch(ArrowMessages messages) throws IOException {
        for (var found = messages.next(); found != null; found = messages.next()) {
            if (found.message().headerType() == MessageHeader.RecordBatch) {
                return (RecordBatch) found.message().header(new RecordBatch());
            }
        }
        return null;
    }
}

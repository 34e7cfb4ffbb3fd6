package org.capi.data.source.hub;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.nio.file.Path;
import org.apache.arrow.vector.types.pojo.Schema;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.capi.data.source.EntryReader;

/** One Arrow file of a collection, in the stream or the file format. */
record ArrowShard(Table table, ArrowColumns columns, long entries) implements TableShard {

    private static final Logger log = LogManager.getLogger(ArrowShard.class);

    /**
     * Reads a file's schema and counts its rows by the headers of its record batches; one that cannot be used is refused.
     *
     * @param noted what is known about the columns from elsewhere, for files that say nothing themselves
     */
    static ArrowShard scan(Path file, String name, Features noted, boolean labels) {
        try (ArrowMessages messages = ArrowMessages.open(file)) {
            ArrowMessages.Found first = messages.next();
            if (first == null) {
                throw new IOException("it is empty");
            }
            Schema schema = ArrowSchema.read(first.message());
            var columns = new ArrowColumns(schema);
            Features own = Features.ofMetadata(schema.getCustomMetadata().get(Features.METADATA));
            TableLayout layout = TableLayout.choose(file, columns.columns(), own.isEmpty() ? noted : own, labels);
            var table = new Table(file, name, layout);
            var reader = new ArrowRows(table, columns, messages);
            long rows = 0;
            for (ArrowBatch batch = reader.nextBatch(); batch != null; batch = reader.nextBatch()) {
                rows += batch.rows();
            }
            if (!messages.isMarked()) {
                log.warn("{} ends without an end mark; its {} rows may not be all", file, rows);
            }
            return new ArrowShard(table, columns, rows);
        } catch (JsonProcessingException e) {
            throw new UnreadableFile(
                    "cannot read " + file + ": its metadata '" + Features.METADATA + "' is no JSON", e);
        } catch (IOException e) {
            throw new UnreadableFile("damaged, cut off, or no Arrow file: " + file + ": " + e.getMessage(), e);
        }
    }

    @Override
    public EntryReader open() throws IOException {
        ArrowMessages messages = ArrowMessages.open(table.file());
        return new ArrowRows(table, columns, messages);
    }
}

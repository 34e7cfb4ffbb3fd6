package org.capi.data.source.hub;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.FileMetaData;
import org.apache.parquet.io.LocalInputFile;
import org.capi.data.source.EntryReader;

/** One Parquet file of a collection. */
record ParquetShard(Table table, long entries) implements TableShard {

    /** Reads a file's end, where its columns and rows are described; one that cannot be used is refused. */
    static ParquetShard scan(Path file, String name) {
        try (ParquetFileReader reader = reader(file)) {
            FileMetaData meta = reader.getFileMetaData();
            Features features = Features.ofMetadata(meta.getKeyValueMetaData().get(Features.METADATA));
            TableLayout layout = TableLayout.choose(file, ParquetSchema.columns(meta.getSchema()), features);
            for (BlockMetaData group : reader.getRowGroups()) {
                checkCodecs(file, group, layout);
            }
            return new ParquetShard(new Table(file, name, layout), reader.getRecordCount());
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    "cannot read " + file + ": its metadata '" + Features.METADATA + "' is no JSON", e);
        } catch (IllegalArgumentException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw new IllegalArgumentException(
                    "damaged, cut off, or no Parquet file: " + file + ": " + e.getMessage(), e);
        }
    }

    static ParquetFileReader reader(Path file) throws IOException {
        ParquetReadOptions options = ParquetReadOptions.builder(new PlainParquetConfiguration())
                .withCodecFactory(new PageCodecs())
                .withPageChecksumVerification(true)
                .build();
        return new ParquetFileReader(new LocalInputFile(file), options);
    }

    @Override
    public EntryReader open() throws IOException {
        return new ParquetRows(table);
    }

    private static void checkCodecs(Path file, BlockMetaData group, TableLayout layout) {
        for (var chunk : group.getColumns()) {
            String column = Arrays.asList(chunk.getPath().toArray()).get(0);
            if (column.equals(layout.image().name()) && !PageCodecs.READ.contains(chunk.getCodec())) {
                throw new IllegalArgumentException("the column " + column + " of " + file + " is compressed by "
                        + chunk.getCodec() + "; what is read is "
                        + PageCodecs.READ.stream().sorted().toList());
            }
        }
    }
}

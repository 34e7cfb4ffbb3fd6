package org.capi.data.source.hub;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.FileMetaData;
import org.apache.parquet.io.LocalInputFile;
import org.capi.data.source.EntryReader;

/** One Parquet file of a collection. */
record ParquetShard(Table table, long entries) implements TableShard {

    private static final long FREE_ROWS = 1 << 20;
    private static final long MAX_ROWS_PER_BYTE = 8;

    /** Reads a file's end, where its columns and rows are described; one that cannot be used is refused. */
    static ParquetShard scan(Path file, String name, boolean labels) {
        try {
            long rows = ParquetFooter.rows(file);
            try (ParquetFileReader reader = reader(file)) {
                FileMetaData meta = reader.getFileMetaData();
                Features features =
                        Features.ofMetadata(meta.getKeyValueMetaData().get(Features.METADATA));
                TableLayout layout = TableLayout.choose(file, columns(meta), features, labels);
                check(file, reader.getRowGroups(), rows, layout);
                return new ParquetShard(new Table(file, name, layout), rows);
            }
        } catch (JsonProcessingException e) {
            throw new UnreadableFile(
                    "cannot read " + file + ": its metadata '" + Features.METADATA + "' is no JSON", e);
        } catch (IllegalArgumentException e) {
            throw e;
        } catch (IOException | RuntimeException | OutOfMemoryError | StackOverflowError e) {
            throw new UnreadableFile("damaged, cut off, or no Parquet file: " + file + ": " + reason(e), e);
        }
    }

    /** Why a file cannot be read, in one line: what the library says at the root of its exceptions. */
    static String reason(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String message = root.getMessage();
        return root instanceof StackOverflowError
                ? "its columns are nested too deep"
                : root instanceof OutOfMemoryError
                        ? "it takes more memory than there is"
                        : message == null ? "its content contradicts itself" : Column.shown(message);
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

    private static List<Column> columns(FileMetaData meta) throws IOException {
        try {
            return ParquetSchema.columns(meta.getSchema());
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /** Refuses row groups whose numbers of rows differ, or do not fit into the file. */
    private static void check(Path file, List<BlockMetaData> groups, long rows, TableLayout layout) throws IOException {
        long size = Files.size(file);
        long sum = 0;
        for (BlockMetaData group : groups) {
            if (group.getRowCount() < 0) {
                throw new IOException("a row group has " + group.getRowCount() + " rows");
            }
            sum += group.getRowCount();
            check(file, group, size, layout);
        }
        if (sum != rows) {
            throw new IOException("its footer counts " + rows + " rows, its row groups have " + sum);
        }
        if (rows > FREE_ROWS + MAX_ROWS_PER_BYTE * size) {
            throw new IOException("its " + rows + " rows cannot lie in " + size + " bytes");
        }
    }

    private static void check(Path file, BlockMetaData group, long size, TableLayout layout) throws IOException {
        for (var chunk : group.getColumns()) {
            List<String> path = Arrays.asList(chunk.getPath().toArray());
            String column = path.get(0);
            boolean part = path.size() == 1
                    || (path.size() == 2
                            && (path.get(1).equals(Picture.BYTES) || path.get(1).equals(Picture.PATH)));
            if (!layout.uses(column) || !part) {
                continue;
            }
            if (chunk.isEncrypted()) {
                throw new IOException("its column " + column + " is encrypted, which is not read");
            }
            if (!PageCodecs.READ.contains(chunk.getCodec())) {
                throw new IllegalArgumentException("the column " + column + " of " + file + " is compressed by "
                        + chunk.getCodec() + "; what is read is "
                        + PageCodecs.READ.stream().sorted().toList());
            }
            if (chunk.getValueCount() != group.getRowCount()) {
                throw new IOException("its column " + column + " has " + chunk.getValueCount()
                        + " values in a row group of " + group.getRowCount() + " rows");
            }
            long start = chunk.getStartingPos();
            if (start < 0 || chunk.getTotalSize() < 0 || start > size - chunk.getTotalSize()) {
                throw new IOException("its column " + column + " has " + chunk.getTotalSize() + " bytes from byte "
                        + start + ", the file has only " + size);
            }
        }
    }
}

package org.capi.data.source.hub;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.FileMetaData;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.EnumLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.IntLogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.StringLogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.capi.data.source.Source;
import org.capi.data.source.Source.SourceOptions;
import org.capi.data.source.SplitNames;
import org.capi.data.source.hub.HubSource.HubFile;
import org.capi.data.source.hub.HubSource.UnreadableFile;
import org.capi.data.source.hub.TableLayout.ColumnNotes;
import org.capi.data.source.hub.TableLayout.TableColumn;
import org.capi.data.source.hub.TableLayout.TableColumn.Kind;
import org.jspecify.annotations.Nullable;

/**
 * Parquet files as the Hugging Face hub serves them: a column of images as structures of bytes and path, or as binary
 * data, and perhaps one of classes and one of label maps.
 *
 * <p>Files and folders are named after splits, as in {@code data/train-00000-of-00002.parquet} and {@code
 * default/train/0000.parquet}. A row is named after its file, its number and the end of its image's path.
 */
public final class ParquetFiles {

    private static final long FREE_ROWS = 1 << 20;
    private static final long MAX_ROWS_PER_BYTE = 8;

    private ParquetFiles() {}

    /**
     * Scans a Parquet file, or all of them below a folder.
     *
     * @param split what to call the only split, or null to go by the names
     */
    public static Source open(Path from, @Nullable String split) throws IOException {
        return openWith(SourceOptions.of(split), from);
    }

    public static Source openWith(SourceOptions options, Path from) throws IOException {
        CollectionFiles files = CollectionFiles.find(from, ".parquet");
        files.checkConfigurations();
        List<HubFile> scanned = HubSource.scan(files, options, file -> scan(file, files.name(file), options.labels()));
        Map<String, List<HubFile>> splits = SplitNames.group(scanned, HubFile::name);
        return HubSource.of("parquet", from, options.split(), splits, files.missing());
    }

    /** Reads a file's footer, which describes its columns and rows; one that cannot be used is refused. */
    private static HubFile scan(Path file, String name, boolean labels) {
        try {
            long rows = ParquetFooter.rows(file);
            try (ParquetFileReader reader = ParquetRows.reader(file)) {
                FileMetaData meta = reader.getFileMetaData();
                ColumnNotes notes =
                        ColumnNotes.ofMetadata(meta.getKeyValueMetaData().get(ColumnNotes.METADATA));
                TableLayout layout = TableLayout.choose(file, columns(meta.getSchema()), notes, labels);
                check(file, reader.getRowGroups(), rows, layout);
                var table = new TableFile(file, name, layout);
                return new HubFile(name, rows, table, () -> new ParquetRows(table));
            }
        } catch (JsonProcessingException e) {
            throw new UnreadableFile(
                    "cannot read " + file + ": its metadata '" + ColumnNotes.METADATA + "' is not JSON", e);
        } catch (IllegalArgumentException e) {
            throw e;
        } catch (IOException | RuntimeException | OutOfMemoryError | StackOverflowError e) {
            throw new UnreadableFile("damaged, cut off, or no Parquet file: " + file + ": " + TableFile.reason(e), e);
        }
    }

    private static List<TableColumn> columns(MessageType schema) throws IOException {
        Set<String> names = new HashSet<>();
        for (Type field : schema.getFields()) {
            TableFile.require(
                    names.add(field.getName()),
                    "it has two columns with the name <" + TableColumn.shown(field.getName()) + ">");
        }
        try {
            return schema.getFields().stream()
                    .map(field -> TableColumn.of(field.getName(), kind(field), field.toString()))
                    .toList();
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private static Kind kind(Type field) {
        if (field.isRepetition(Type.Repetition.REPEATED)) {
            return Kind.OTHER;
        }
        LogicalTypeAnnotation meaning = field.getLogicalTypeAnnotation();
        if (!field.isPrimitive()) {
            var group = field.asGroupType();
            boolean image = meaning == null
                    && group.containsField(TableLayout.BYTES)
                    && group.getType(TableLayout.BYTES).isPrimitive()
                    && kind(group.getType(TableLayout.BYTES)) == Kind.BYTES;
            return image ? Kind.IMAGE : Kind.OTHER;
        }
        PrimitiveTypeName type = field.asPrimitiveType().getPrimitiveTypeName();
        if (type == PrimitiveTypeName.BINARY) {
            boolean text =
                    meaning instanceof StringLogicalTypeAnnotation || meaning instanceof EnumLogicalTypeAnnotation;
            return meaning == null ? Kind.BYTES : text ? Kind.TEXT : Kind.OTHER;
        }
        boolean whole = type == PrimitiveTypeName.INT32 || type == PrimitiveTypeName.INT64;
        return whole && (meaning == null || meaning instanceof IntLogicalTypeAnnotation) ? Kind.INTEGER : Kind.OTHER;
    }

    static MessageType projection(MessageType schema, TableLayout layout) {
        return new MessageType(
                schema.getName(),
                schema.getFields().stream()
                        .filter(field -> layout.uses(field.getName()))
                        .map(field -> field.isPrimitive() ? field : image(field))
                        .toList());
    }

    private static Type image(Type field) {
        List<Type> parts = field.asGroupType().getFields().stream()
                .filter(part -> part.getName().equals(TableLayout.BYTES)
                        || (part.getName().equals(TableLayout.PATH) && part.isPrimitive() && kind(part) == Kind.TEXT))
                .toList();
        return field.asGroupType().withNewFields(parts);
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
            for (ColumnChunkMetaData chunk : group.getColumns()) {
                check(file, chunk, group.getRowCount(), size, layout);
            }
        }
        TableFile.require(sum == rows, "its footer counts " + rows + " rows, its row groups have " + sum);
        TableFile.require(
                rows <= FREE_ROWS + MAX_ROWS_PER_BYTE * size, "its " + rows + " rows cannot lie in " + size + " bytes");
    }

    private static void check(Path file, ColumnChunkMetaData chunk, long rows, long size, TableLayout layout)
            throws IOException {
        List<String> path = Arrays.asList(chunk.getPath().toArray());
        String column = path.get(0);
        boolean part = path.size() == 1
                || (path.size() == 2
                        && (path.get(1).equals(TableLayout.BYTES) || path.get(1).equals(TableLayout.PATH)));
        if (!layout.uses(column) || !part) {
            return;
        }
        if (chunk.isEncrypted()) {
            throw new IOException("its column " + column + " is encrypted, which is not read");
        }
        if (!ParquetPages.CODECS.contains(chunk.getCodec())) {
            throw new IllegalArgumentException("the column " + column + " of " + file + " is compressed by "
                    + chunk.getCodec() + "; what is read is "
                    + ParquetPages.CODECS.stream().sorted().toList());
        }
        if (chunk.getValueCount() != rows) {
            throw new IOException("its column " + column + " has " + chunk.getValueCount()
                    + " values in a row group of " + rows + " rows");
        }
        long start = chunk.getStartingPos();
        TableFile.require(
                start >= 0 && chunk.getTotalSize() >= 0 && start <= size - chunk.getTotalSize(),
                "its column " + column + " has " + chunk.getTotalSize() + " bytes from byte " + start
                        + ", the file has only " + size);
    }
}

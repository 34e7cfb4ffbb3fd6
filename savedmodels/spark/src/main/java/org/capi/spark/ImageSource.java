package org.capi.spark;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.substring;
import static org.apache.spark.sql.functions.when;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/**
 * Images below a path, in any file system that Hadoop reads: Parquet files, or image files.
 *
 * @param parquet whether they are in Parquet files
 * @param column of the images in Parquet files
 */
record ImageSource(Path path, boolean parquet, String column) {

    /** Formats that are not decoded are listed with their reason. */
    private static final List<String> SUFFIXES =
            List.of("jpg", "jpeg", "png", "gif", "webp", "bmp", "tif", "tiff", "heic", "avif");

    private static final String PARQUET = ".parquet";
    private static final String NAME = "name";
    private static final String LABEL = "label";
    private static final String METADATA = "_metadata";

    /** Finds out what is below a path, by the first file that is either; refuses one without images. */
    static ImageSource open(String where, String column, Configuration hadoop) throws IOException {
        Path path = new Path(where);
        FileSystem files = path.getFileSystem(hadoop);
        RemoteIterator<LocatedFileStatus> all;
        try {
            all = files.listFiles(path, true);
        } catch (FileNotFoundException e) {
            throw new IllegalArgumentException("no such path of images: " + where, e);
        }
        while (all.hasNext()) {
            FileStatus file = all.next();
            String name = file.getPath().getName().toLowerCase(Locale.ROOT);
            if (name.endsWith(PARQUET)) {
                checkColumn(file.getPath(), column, hadoop);
                return new ImageSource(files.makeQualified(path), true, column);
            }
            if (SUFFIXES.stream().anyMatch(suffix -> name.endsWith("." + suffix))) {
                return new ImageSource(files.makeQualified(path), false, column);
            }
        }
        throw new IllegalArgumentException(
                "no images below " + where + ": no file ends with " + PARQUET + " or ." + String.join(", .", SUFFIXES));
    }

    /** As the encoder checks it, before there is a Spark session that could tell the schema. */
    private static void checkColumn(Path file, String column, Configuration hadoop) throws IOException {
        MessageType schema;
        try (var reader = ParquetFileReader.open(HadoopInputFile.fromPath(file, hadoop))) {
            schema = reader.getFileMetaData().getSchema();
        } catch (RuntimeException e) { // of another format
            throw new IllegalArgumentException("cannot read " + file + " as Parquet: " + e.getMessage(), e);
        }
        if (!schema.containsField(column)) {
            throw new IllegalArgumentException(
                    "the file " + file + " has no column " + column + "; it has " + fields(schema));
        }
        Type type = schema.getType(column);
        boolean bytes = isBinary(type)
                || (!type.isPrimitive()
                        && type.asGroupType().containsField("bytes")
                        && isBinary(type.asGroupType().getType("bytes")));
        if (!bytes) {
            throw new IllegalArgumentException("the column " + column + " of the file " + file
                    + " must be binary or a struct with binary bytes; the file has " + fields(schema));
        }
    }

    private static boolean isBinary(Type type) {
        return type.isPrimitive()
                && type.asPrimitiveType().getPrimitiveTypeName() == PrimitiveTypeName.BINARY
                && type.getLogicalTypeAnnotation() == null; // a string is annotated binary
    }

    private static String fields(MessageType schema) {
        return schema.getFields().stream()
                .map(field -> String.valueOf(field).replaceAll("\\s+", " "))
                .collect(Collectors.joining(", "));
    }

    /** The rows {@code (name, label if there is one, image)}. */
    Dataset<Row> read(SparkSession spark) {
        return parquet ? ofParquet(spark) : ofFiles(spark);
    }

    private Dataset<Row> ofParquet(SparkSession spark) {
        Dataset<Row> rows = spark.read().option("recursiveFileLookup", "true").parquet(path.toString());
        StructType schema = rows.schema();
        List<String> columns = Arrays.asList(schema.fieldNames());
        List<Column> selected = new ArrayList<>();
        Column place = concat(col(METADATA + ".file_name"), lit("#"), col(METADATA + ".row_index"));
        boolean hasPath = schema.apply(column).dataType() instanceof StructType fields
                && Arrays.asList(fields.fieldNames()).contains("path");
        Column name = columns.contains(NAME)
                ? col(NAME).cast("string")
                : hasPath ? coalesce(col(column + ".path"), place) : place;
        selected.add(name.as(NAME));
        if (columns.contains(LABEL)) {
            selected.add(col(LABEL));
        }
        selected.add(col(column).as(Encoder.IMAGE));
        return rows.select(selected.toArray(Column[]::new));
    }

    private Dataset<Row> ofFiles(SparkSession spark) {
        String both = SUFFIXES.stream()
                .map(suffix -> suffix + "," + suffix.toUpperCase(Locale.ROOT))
                .collect(Collectors.joining(","));
        Column below = substring(col("path"), path.toString().length() + 2, Integer.MAX_VALUE); // without the slash
        Column name = when(col("path").equalTo(path.toString()), col(METADATA + ".file_name"))
                .otherwise(below);
        Dataset<Row> files = spark.read()
                .format("binaryFile")
                .option("recursiveFileLookup", "true")
                .option("pathGlobFilter", "*.{" + both + "}")
                .load(path.toString());
        return files.select(
                name.as(NAME),
                col("content").as(Encoder.IMAGE));
    }
}

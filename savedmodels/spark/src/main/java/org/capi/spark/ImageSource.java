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
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
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
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;

/**
 * Images below a path, in any file system that Hadoop reads: Parquet files, shards, or image files.
 *
 * @param suffix of the names of its files; empty for image files
 * @param column of the images in Parquet and Arrow files
 * @param shards the tar or Arrow files; empty for the other kinds
 */
record ImageSource(Path path, String suffix, String column, List<String> shards) {

    /** Formats that are not decoded are listed with their reason. */
    private static final List<String> IMAGES =
            List.of(".jpg", ".jpeg", ".png", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".heic", ".avif");

    private static final String PARQUET = ".parquet";
    private static final String NAME = "name";
    private static final String LABEL = "label";
    private static final String METADATA = "_metadata";

    /** Finds out what is below a path, by the first file that is any of these; refuses one without images. */
    static ImageSource open(String where, String column, Configuration hadoop) throws IOException {
        Path path = new Path(where);
        FileSystem files = path.getFileSystem(hadoop);
        RemoteIterator<LocatedFileStatus> all;
        try {
            all = files.listFiles(path, true);
        } catch (FileNotFoundException e) {
            throw new IllegalArgumentException("no such path of images: " + where, e);
        }
        @Nullable String kind = null;
        List<Path> shards = new ArrayList<>();
        while (all.hasNext() && (kind == null || isShard(kind))) {
            Path file = all.next().getPath();
            String found = suffix(file.getName());
            if (kind == null && found != null) {
                kind = found;
                check(file, kind, column, hadoop);
            }
            if (found != null && isShard(found) && found.equals(kind)) {
                shards.add(file);
            }
        }
        if (kind == null) {
            throw new IllegalArgumentException("no images below " + where + ": no file ends with " + PARQUET + ", "
                    + ShardImages.TAR + ", " + ShardImages.ARROW + ", " + String.join(", ", IMAGES));
        }
        return new ImageSource(
                files.makeQualified(path),
                kind,
                column,
                shards.stream().map(Path::toString).sorted().toList());
    }

    /** Of the kind that a file is; null for other files, and for those that Spark passes over. */
    private static @Nullable String suffix(String name) {
        if (name.startsWith(".") || name.startsWith("_")) {
            return null;
        }
        return Stream.of(PARQUET, ShardImages.TAR, ShardImages.ARROW)
                .filter(lower(name)::endsWith)
                .findFirst()
                .orElse(isImage(name) ? "" : null);
    }

    static boolean isImage(String name) {
        return IMAGES.stream().anyMatch(lower(name)::endsWith);
    }

    private static String lower(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    private static boolean isShard(@Nullable String kind) {
        return ShardImages.TAR.equals(kind) || ShardImages.ARROW.equals(kind);
    }

    private static void check(Path file, String kind, String column, Configuration hadoop) throws IOException {
        if (kind.equals(PARQUET)) {
            checkColumn(file, column, hadoop);
        } else if (isShard(kind)) {
            ShardImages.check(file, kind, column, hadoop);
        }
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
        return suffix.equals(PARQUET) ? ofParquet(spark) : isShard(suffix) ? ofShards(spark) : ofFiles(spark);
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

    private Dataset<Row> ofShards(SparkSession spark) {
        var hadoop = new SerializableConfiguration(spark.sparkContext().hadoopConfiguration());
        var reading = new ShardImages.Reading(path.toString(), shards, suffix, column, hadoop);
        StructType rows = new StructType()
                .add(NAME, DataTypes.StringType)
                .add(LABEL, ShardImages.labelType(suffix))
                .add(Encoder.IMAGE, DataTypes.BinaryType);
        // A partition for each shard.
        return spark.range(0, shards.size(), 1, shards.size()).flatMap(reading, Encoders.row(rows));
    }

    private Dataset<Row> ofFiles(SparkSession spark) {
        String both = IMAGES.stream()
                .map(image -> image + "," + image.toUpperCase(Locale.ROOT))
                .collect(Collectors.joining(","));
        Column below = substring(col("path"), path.toString().length() + 2, Integer.MAX_VALUE); // without the slash
        Column name = when(col("path").equalTo(path.toString()), col(METADATA + ".file_name"))
                .otherwise(below);
        Dataset<Row> files = spark.read()
                .format("binaryFile")
                .option("recursiveFileLookup", "true")
                .option("pathGlobFilter", "*{" + both + "}")
                .load(path.toString());
        return files.select(name.as(NAME), col("content").as(Encoder.IMAGE));
    }
}

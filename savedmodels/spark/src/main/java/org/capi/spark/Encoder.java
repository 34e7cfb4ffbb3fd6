package org.capi.spark;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.NoSuchElementException;
import java.util.Set;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.capi.savedmodels.Encoded;
import org.capi.savedmodels.Features;
import org.capi.savedmodels.VisionEncoder;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.FloatNdArray;
import org.tensorflow.ndarray.buffer.DataBuffers;

/**
 * Encodes the images of a dataset.
 *
 * <pre>{@code
 * Dataset<Row> images = spark.read().parquet("photos");  // a column "image" with the bytes of files
 * Encoder.of(Path.of("models/photos")).encode(images).write().parquet("features");
 * }</pre>
 *
 * <p>Each executor loads the model once, for all of its tasks. An encoder is immutable; its methods give another.
 */
public final class Encoder {

    /** The default name of the column of images. */
    public static final String IMAGE = "image";

    /** Further columns that can be added. */
    public enum Output {
        /** {@code array<array<float>>}, {@code [registers, dim]}. */
        REGISTERS,
        /** {@code array<array<float>>}, {@code [patches, dim]}: the patches of the square row by row. */
        PATCHES;

        String column() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private static final String BYTES = "bytes";
    private static final int BATCH_SIZE = 32;

    private final ModelArchive model;
    private final String column;
    private final int batchSize;
    private final Set<Output> outputs;

    private Encoder(ModelArchive model, String column, int batchSize, Set<Output> outputs) {
        this.model = model;
        this.column = column;
        this.batchSize = batchSize;
        this.outputs = outputs;
    }

    /**
     * An encoder of the column {@code image} in batches of 32.
     *
     * @param model the folder of a SavedModel, on the driver's machine; executors get a copy
     * @throws IllegalArgumentException if it is none
     */
    public static Encoder of(Path model) throws IOException {
        VisionEncoder.check(model);
        return new Encoder(ModelArchive.pack(model), IMAGE, BATCH_SIZE, EnumSet.noneOf(Output.class));
    }

    /** Reads the images of another column: binary, or a struct with a binary field {@code bytes}. */
    public Encoder column(String name) {
        return new Encoder(model, name, batchSize, outputs);
    }

    /** Encodes this many images at once. */
    public Encoder batchSize(int images) {
        if (images < 1) {
            throw new IllegalArgumentException("batchSize must be at least 1, was " + images);
        }
        return new Encoder(model, column, images, outputs);
    }

    /** Gives these columns, too. */
    public Encoder with(Set<Output> further) {
        return new Encoder(model, column, batchSize, Set.copyOf(further));
    }

    /**
     * A row for each row: its columns without the image, then {@code global} ({@code array<float>}), the further
     * outputs, {@code model} (the fingerprint: SHA-256 of the model's files) and {@code error}. Where an image cannot be
     * decoded the features are null, and {@code error} says why; it is null elsewhere.
     *
     * @throws IllegalArgumentException if the column is missing or of another type, or a column has the name of one
     *     that is added; before any image is read
     */
    public Dataset<Row> encode(Dataset<Row> images) throws IOException {
        StructType schema = images.schema();
        Column bytes = images.col(quoted(column) + (isStruct(schema) ? "." + BYTES : ""));
        List<Column> kept = new ArrayList<>();
        StructType types = new StructType();
        for (StructField field : schema.fields()) {
            if (!field.name().equals(column)) {
                kept.add(images.col(quoted(field.name())));
                types = types.add(field);
            }
        }
        for (StructField added : added()) {
            if (Arrays.asList(types.fieldNames()).contains(added.name())) {
                throw new IllegalArgumentException("the images have a column " + added.name()
                        + ", which encoding adds: rename it; the schema is " + schema.simpleString());
            }
            types = types.add(added);
        }
        kept.add(bytes);
        var partition = new Partition(model.share(images.sparkSession().sparkContext()), batchSize, outputs);
        return images.select(kept.toArray(Column[]::new)).mapPartitions(partition, Encoders.row(types));
    }

    /** Whether the column of images is a struct; refuses another type than the two. */
    private boolean isStruct(StructType schema) {
        if (!Arrays.asList(schema.fieldNames()).contains(column)) {
            throw new IllegalArgumentException(
                    "the images have no column " + column + "; the schema is " + schema.simpleString());
        }
        var type = schema.apply(column).dataType();
        boolean struct = type instanceof StructType fields
                && Arrays.asList(fields.fieldNames()).contains(BYTES)
                && fields.apply(BYTES).dataType() instanceof BinaryType;
        if (!struct && !(type instanceof BinaryType)) {
            throw new IllegalArgumentException("the column " + column + " must be binary or a struct with binary "
                    + BYTES + ", was " + type.simpleString() + "; the schema is " + schema.simpleString());
        }
        return struct;
    }

    private List<StructField> added() {
        ArrayType vector = DataTypes.createArrayType(DataTypes.FloatType, false);
        List<StructField> fields = new ArrayList<>();
        fields.add(DataTypes.createStructField(VisionEncoder.GLOBAL, vector, true));
        for (Output output : Output.values()) {
            if (outputs.contains(output)) {
                fields.add(
                        DataTypes.createStructField(output.column(), DataTypes.createArrayType(vector, false), true));
            }
        }
        fields.add(DataTypes.createStructField("model", DataTypes.StringType, false));
        fields.add(DataTypes.createStructField("error", DataTypes.StringType, true));
        return fields;
    }

    private static String quoted(String name) {
        return "`" + name.replace("`", "``") + "`";
    }

    /** Encodes the rows of a partition, a batch at a time. */
    private record Partition(ModelArchive.Shared model, int batchSize, Set<Output> outputs)
            implements MapPartitionsFunction<Row, Row> {

        private static final byte[] NOTHING = {};

        /** The last field of a row is the image. */
        @Override
        public Iterator<Row> call(Iterator<Row> rows) {
            return new Iterator<>() {
                private Iterator<Row> encoded = List.<Row>of().iterator();

                @Override
                public boolean hasNext() {
                    if (!encoded.hasNext() && rows.hasNext()) {
                        encoded = encode(rows).iterator();
                    }
                    return encoded.hasNext();
                }

                @Override
                public Row next() {
                    if (!hasNext()) {
                        throw new NoSuchElementException();
                    }
                    return encoded.next();
                }
            };
        }

        private List<Row> encode(Iterator<Row> rows) {
            List<Row> batch = new ArrayList<>();
            while (batch.size() < batchSize && rows.hasNext()) {
                batch.add(rows.next());
            }
            return ExecutorModel.get(model).encodeEach(batch, Partition::bytes).stream()
                    .map(this::row)
                    .toList();
        }

        private static byte[] bytes(Row row) {
            byte[] bytes = row.getAs(row.size() - 1);
            return bytes == null ? NOTHING : bytes;
        }

        private Row row(Encoded<Row> encoded) {
            List<@Nullable Object> values = new ArrayList<>();
            for (int i = 0; i < encoded.item().size() - 1; i++) {
                values.add(encoded.item().get(i));
            }
            Features features = encoded.features();
            values.add(features == null ? null : features.vector(0));
            if (outputs.contains(Output.REGISTERS)) {
                values.add(features == null ? null : vectors(features.registers()));
            }
            if (outputs.contains(Output.PATCHES)) {
                values.add(features == null ? null : vectors(features.featureMap()));
            }
            values.add(model.fingerprint());
            values.add(encoded.failure());
            return RowFactory.create(values.toArray());
        }

        /** {@code [..., dim] -> [vectors, dim]}. */
        private static float[][] vectors(FloatNdArray features) {
            float[] all = new float[Math.toIntExact(features.size())];
            features.copyTo(DataBuffers.of(all, false, false));
            int dim = Math.toIntExact(features.shape().get(-1));
            float[][] vectors = new float[dim == 0 ? 0 : all.length / dim][];
            for (int i = 0; i < vectors.length; i++) {
                vectors[i] = Arrays.copyOfRange(all, i * dim, (i + 1) * dim);
            }
            return vectors;
        }
    }
}

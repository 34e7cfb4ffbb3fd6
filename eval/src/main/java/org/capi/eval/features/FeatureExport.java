package org.capi.eval.features;

import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.BINARY;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.FLOAT;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.INT32;

import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Types;
import org.capi.data.Progress;
import org.capi.data.arrow.ImageDataset;
import org.capi.data.arrow.ImageRecord;
import org.capi.eval.features.Representation.FeatureShape;
import org.jspecify.annotations.Nullable;

/** Features written for other programs: an Arrow or a Parquet file with the columns of {@link FeatureFile}. */
public final class FeatureExport {

    private final Path file;
    private final boolean parquet;

    private FeatureExport(Path file, boolean parquet) {
        this.file = file;
        this.parquet = parquet;
    }

    /** Chooses the format by the end of the file's name. */
    public static FeatureExport to(Path file) {
        String name = String.valueOf(file.getFileName());
        if (!name.endsWith(".arrow") && !name.endsWith(".parquet")) {
            throw new IllegalArgumentException("features are written to a .arrow or a .parquet file, was " + file);
        }
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null || !Files.isDirectory(folder)) {
            throw new IllegalArgumentException("no folder for the features: " + folder);
        }
        return new FeatureExport(file, name.endsWith(".parquet"));
    }

    /** Encodes every image and writes the file next to its place, then moves it there. */
    public FeatureShape write(
            FeatureExtraction extraction,
            LoadedModel model,
            Representation representation,
            Transform transform,
            ImageDataset dataset,
            Progress progress)
            throws IOException {
        Map<String, String> notes =
                extraction.key(model, representation, transform, dataset).notes();
        FeatureShape shape = Objects.requireNonNull(
                model.shapes(extraction.imageSize(), List.of(representation)).get(representation));
        var encoding = extraction.encoding(model, representation, transform, dataset, progress);
        if (parquet) {
            FeatureCache.writeWhole(file, partial -> writeParquet(partial, notes, dataset.classes(), encoding));
        } else {
            FeatureCache.write(file, notes, dataset.classes(), encoding);
        }
        return shape;
    }

    /** Uncompressed: float32 of features hardly shrinks. */
    private static void writeParquet(
            Path file, Map<String, String> notes, List<String> classes, FeatureCache.Making features)
            throws IOException {
        Map<String, String> all = new HashMap<>(notes);
        all.put(FeatureFile.CLASSES, FeatureFile.json(classes));
        try (ParquetWriter<Row> writer = new Builder(file, new Support(all))
                .withConf(new PlainParquetConfiguration())
                .withCompressionCodec(CompressionCodecName.UNCOMPRESSED)
                .withDictionaryEncoding(FeatureFile.FEATURES + ".list.element", false)
                .build()) {
            features.into((name, label, shape, values) -> {
                for (int vector = 0; vector < shape.vectors(); vector++) {
                    writer.write(new Row(name, label, FloatBuffer.wrap(values, vector * shape.dim(), shape.dim())));
                }
            });
        }
    }

    /** One vector of an image. */
    private record Row(String name, int label, FloatBuffer values) {}

    private static final class Builder extends ParquetWriter.Builder<Row, Builder> {

        private final Support support;

        Builder(Path file, Support support) {
            super(new LocalOutputFile(file));
            this.support = support;
        }

        @Override
        protected Builder self() {
            return this;
        }

        @Override
        @SuppressWarnings("deprecation") // abstract all the same
        protected WriteSupport<Row> getWriteSupport(Configuration configuration) {
            return support;
        }

        @Override
        protected WriteSupport<Row> getWriteSupport(ParquetConfiguration configuration) {
            return support;
        }
    }

    private static final class Support extends WriteSupport<Row> {

        private static final MessageType SCHEMA = Types.buildMessage()
                .requiredList()
                .element(FLOAT, Type.Repetition.REQUIRED)
                .named(FeatureFile.FEATURES)
                .optional(INT32)
                .named(FeatureFile.LABEL)
                .required(BINARY)
                .as(LogicalTypeAnnotation.stringType())
                .named(FeatureFile.NAME)
                .named("features");

        private final Map<String, String> notes;
        private @Nullable RecordConsumer consumer;

        Support(Map<String, String> notes) {
            this.notes = notes;
        }

        @Override
        @SuppressWarnings("deprecation") // abstract all the same
        public WriteContext init(Configuration configuration) {
            return new WriteContext(SCHEMA, notes);
        }

        @Override
        public WriteContext init(ParquetConfiguration configuration) {
            return new WriteContext(SCHEMA, notes);
        }

        @Override
        public void prepareForWrite(RecordConsumer recordConsumer) {
            consumer = recordConsumer;
        }

        @Override
        public void write(Row row) {
            RecordConsumer to = Objects.requireNonNull(consumer, "a row was written before the file was started");
            to.startMessage();
            to.startField(FeatureFile.FEATURES, 0);
            to.startGroup();
            to.startField("list", 0);
            for (int d = row.values.position(); d < row.values.limit(); d++) {
                to.startGroup();
                to.startField("element", 0);
                to.addFloat(row.values.get(d));
                to.endField("element", 0);
                to.endGroup();
            }
            to.endField("list", 0);
            to.endGroup();
            to.endField(FeatureFile.FEATURES, 0);
            if (row.label != ImageRecord.UNLABELLED) {
                to.startField(FeatureFile.LABEL, 1);
                to.addInteger(row.label);
                to.endField(FeatureFile.LABEL, 1);
            }
            to.startField(FeatureFile.NAME, 2);
            to.addBinary(Binary.fromString(row.name));
            to.endField(FeatureFile.NAME, 2);
            to.endMessage();
        }
    }
}

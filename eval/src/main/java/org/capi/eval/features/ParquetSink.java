package org.capi.eval.features;

import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.BINARY;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.FLOAT;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.INT32;

import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Types;
import org.capi.data.arrow.ImageRecord;
import org.jspecify.annotations.Nullable;

/** Features as a Parquet file, uncompressed: float32 of features hardly shrinks. */
final class ParquetSink implements FeatureSink, AutoCloseable {

    private static final MessageType SCHEMA = Types.buildMessage()
            .requiredList()
            .element(FLOAT, Type.Repetition.REQUIRED)
            .named(FeatureSchema.FEATURES)
            .optional(INT32)
            .named(FeatureSchema.LABEL)
            .required(BINARY)
            .as(LogicalTypeAnnotation.stringType())
            .named(FeatureSchema.NAME)
            .named("features");

    private final ParquetWriter<Row> writer;

    ParquetSink(Path file, Map<String, String> notes, List<String> classes) throws IOException {
        Map<String, String> all = new HashMap<>(notes);
        all.put(FeatureSchema.CLASSES, FeatureSchema.json(classes));
        writer = new Builder(new LocalOutputFile(file), all)
                .withConf(new PlainParquetConfiguration())
                .withCompressionCodec(CompressionCodecName.UNCOMPRESSED)
                .withDictionaryEncoding(FeatureSchema.FEATURES + ".list.element", false)
                .build();
    }

    /** One vector of an image. */
    private record Row(String name, int label, FloatBuffer values) {}

    @Override
    public void add(String name, int label, FeatureShape shape, float[] values) throws IOException {
        for (int vector = 0; vector < shape.vectors(); vector++) {
            writer.write(new Row(name, label, FloatBuffer.wrap(values, vector * shape.dim(), shape.dim())));
        }
    }

    @Override
    public void close() throws IOException {
        writer.close();
    }

    private static final class Builder extends ParquetWriter.Builder<Row, Builder> {

        private final Map<String, String> notes;

        Builder(OutputFile file, Map<String, String> notes) {
            super(file);
            this.notes = notes;
        }

        @Override
        protected Builder self() {
            return this;
        }

        @Override
        @SuppressWarnings("deprecation") // abstract all the same
        protected WriteSupport<Row> getWriteSupport(Configuration configuration) {
            return new Support(notes);
        }

        @Override
        protected WriteSupport<Row> getWriteSupport(ParquetConfiguration configuration) {
            return new Support(notes);
        }
    }

    private static final class Support extends WriteSupport<Row> {

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
            RecordConsumer to = consumer;
            if (to == null) {
                throw new IllegalStateException("a row was written before the file was begun");
            }
            to.startMessage();
            to.startField(FeatureSchema.FEATURES, 0);
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
            to.endField(FeatureSchema.FEATURES, 0);
            if (row.label != ImageRecord.UNLABELLED) {
                to.startField(FeatureSchema.LABEL, 1);
                to.addInteger(row.label);
                to.endField(FeatureSchema.LABEL, 1);
            }
            to.startField(FeatureSchema.NAME, 2);
            to.addBinary(Binary.fromString(row.name));
            to.endField(FeatureSchema.NAME, 2);
            to.endMessage();
        }
    }
}

package org.capi.data.source.hub;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.arrow.flatbuf.DictionaryEncoding;
import org.apache.arrow.flatbuf.Endianness;
import org.apache.arrow.flatbuf.KeyValue;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Reads the schema of an Arrow file within the bounds of its message: in a tree without shared parts or cycles each field
 * and each text takes bytes of its own, so what is read in all is never larger than the message.
 */
final class ArrowSchema {

    private static final int MAX_DEPTH = 64;
    private static final int FIELD_BYTES = 8; // a field's table and its place in a vector take at least this

    private long budget;

    private ArrowSchema(long budget) {
        this.budget = budget;
    }

    /** The fields of a schema message, and what it notes for the {@code datasets} library; other notes are left out. */
    static Schema read(Message message) throws IOException {
        try {
            if (!(message.header(new org.apache.arrow.flatbuf.Schema())
                    instanceof org.apache.arrow.flatbuf.Schema schema)) {
                throw new IOException("it does not begin with a schema");
            }
            if (schema.endianness() != Endianness.Little) {
                throw new IOException("its numbers are big-endian, which is not read");
            }
            return new ArrowSchema(message.getByteBuffer().capacity()).read(schema);
        } catch (RuntimeException e) {
            throw new IOException("its schema is damaged", e);
        }
    }

    private Schema read(org.apache.arrow.flatbuf.Schema schema) throws IOException {
        List<Field> fields = new ArrayList<>();
        for (int i = 0; i < schema.fieldsLength(); i++) {
            fields.add(field(schema.fields(i), 1));
        }
        return new Schema(fields, notes(schema));
    }

    private Field field(org.apache.arrow.flatbuf.Field field, int depth) throws IOException {
        spend(FIELD_BYTES);
        if (depth > MAX_DEPTH) {
            throw new IOException("its schema is nested deeper than " + MAX_DEPTH + " levels");
        }
        List<Field> children = new ArrayList<>();
        for (int i = 0; i < field.childrenLength(); i++) {
            children.add(field(field.children(i), depth + 1));
        }
        ArrowType type = ArrowType.getTypeForField(field);
        return new Field(
                text(field.nameAsByteBuffer()),
                new FieldType(field.nullable(), type, encoding(field.dictionary())),
                children);
    }

    private static org.apache.arrow.vector.types.pojo.@Nullable DictionaryEncoding encoding(
            @Nullable DictionaryEncoding encoding) {
        if (encoding == null) {
            return null;
        }
        var index = encoding.indexType();
        return new org.apache.arrow.vector.types.pojo.DictionaryEncoding(
                encoding.id(),
                encoding.isOrdered(),
                index == null ? null : new ArrowType.Int(index.bitWidth(), index.isSigned()));
    }

    private Map<String, String> notes(org.apache.arrow.flatbuf.Schema schema) throws IOException {
        for (int i = 0; i < schema.customMetadataLength(); i++) {
            KeyValue note = schema.customMetadata(i);
            if (text(note.keyAsByteBuffer()).equals(Features.METADATA)) {
                return Map.of(Features.METADATA, text(note.valueAsByteBuffer()));
            }
        }
        return Map.of();
    }

    private String text(@Nullable ByteBuffer bytes) throws IOException {
        if (bytes == null) {
            return "";
        }
        spend(bytes.remaining());
        return StandardCharsets.UTF_8.decode(bytes).toString();
    }

    private void spend(long bytes) throws IOException {
        budget -= bytes;
        if (budget < 0) {
            throw new IOException("its schema has a cycle or shares fields");
        }
    }
}

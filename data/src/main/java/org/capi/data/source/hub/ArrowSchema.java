package org.capi.data.source.hub;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.flatbuf.Endianness;
import org.apache.arrow.flatbuf.KeyValue;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.vector.TypeLayout;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.capi.data.source.hub.TableLayout.Cell;
import org.capi.data.source.hub.TableLayout.ColumnNotes;
import org.capi.data.source.hub.TableLayout.TableColumn;
import org.capi.data.source.hub.TableLayout.TableColumn.Kind;
import org.jspecify.annotations.Nullable;

/**
 * The columns of an Arrow file, and where each lies in a record batch.
 *
 * <p>The schema is read within the bounds of its message: in a tree without shared parts or cycles each field and each
 * text takes bytes of its own, so the size of what is read is never larger than the message.
 */
final class ArrowSchema {

    private static final int MAX_DEPTH = 64;
    private static final int FIELD_BYTES = 8; // a field's table and its position in a vector take at least this

    private final List<TableColumn> columns = new ArrayList<>();
    private final Map<String, Place> places = new HashMap<>(); // of columns, and of the parts of images, as image.bytes
    private final Map<Long, Field> dictionaries = new HashMap<>();
    private @Nullable String notes;
    private int nodes;
    private int buffers;
    private long budget;

    /**
     * A column's position among the nodes and buffers of every record batch.
     *
     * @param parent the structure that it is part of, or null
     */
    record Place(
            Field field, int node, int buffer, @Nullable Place parent) {}

    private ArrowSchema(long budget) {
        this.budget = budget;
    }

    static ArrowSchema read(Message message) throws IOException {
        var schema = new ArrowSchema(message.getByteBuffer().capacity());
        for (Field field : schema.fields(message)) {
            schema.columns.add(TableColumn.of(field.getName(), kind(field), field.toString()));
            schema.visit(field, null);
        }
        return schema;
    }

    List<TableColumn> columns() {
        return columns;
    }

    /** The notes for the {@code datasets} library; other notes are left out. */
    @Nullable
    String notes() {
        return notes;
    }

    /** The field whose values a dictionary holds, as the only column of its batches; null for one that is not used. */
    @Nullable
    Place dictionary(long id) {
        Field field = dictionaries.get(id);
        return field == null ? null : new Place(field, 0, 0, null);
    }

    /** The place of a cell's values; null where the file has none. */
    @Nullable
    Place place(TableLayout layout, Cell cell) {
        List<String> path = layout.path(cell);
        Place place = path == null ? null : places.get(String.join(".", path));
        return place == null || (cell.isPath() && kind(place.field) != Kind.TEXT) ? null : place;
    }

    private List<Field> fields(Message message) throws IOException {
        try {
            if (!(message.header(new org.apache.arrow.flatbuf.Schema())
                    instanceof org.apache.arrow.flatbuf.Schema schema)) {
                throw new IOException("it does not begin with a schema");
            }
            TableFile.require(
                    schema.endianness() == Endianness.Little, "its numbers are big-endian, which is not read");
            List<Field> fields = new ArrayList<>();
            for (int i = 0; i < schema.fieldsLength(); i++) {
                fields.add(field(schema.fields(i), 1));
            }
            for (int i = 0; i < schema.customMetadataLength() && notes == null; i++) {
                KeyValue note = schema.customMetadata(i);
                if (text(note.keyAsByteBuffer()).equals(ColumnNotes.METADATA)) {
                    notes = text(note.valueAsByteBuffer());
                }
            }
            return fields;
        } catch (RuntimeException e) {
            throw new IOException("its schema is damaged", e);
        }
    }

    private Field field(org.apache.arrow.flatbuf.Field field, int depth) throws IOException {
        spend(FIELD_BYTES);
        TableFile.require(depth <= MAX_DEPTH, "its schema is nested deeper than " + MAX_DEPTH + " levels");
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

    private static @Nullable DictionaryEncoding encoding(
            org.apache.arrow.flatbuf.@Nullable DictionaryEncoding encoding) {
        if (encoding == null) {
            return null;
        }
        var index = encoding.indexType();
        return new DictionaryEncoding(
                encoding.id(),
                encoding.isOrdered(),
                index == null ? null : new ArrowType.Int(index.bitWidth(), index.isSigned()));
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

    private void visit(Field field, @Nullable Place parent) throws IOException {
        var place = new Place(field, nodes, buffers, parent);
        nodes++;
        String name = field.getName();
        boolean part = parent != null
                && parent.parent == null
                && (name.equals(TableLayout.BYTES) || name.equals(TableLayout.PATH));
        if (parent == null || part) {
            String key = parent == null ? name : parent.field.getName() + "." + name;
            if (places.put(key, place) != null) {
                throw new IOException("it has two columns with the name <" + TableColumn.shown(key) + ">");
            }
        }
        if (field.getDictionary() != null) {
            buffers += 2; // the numbers of the dictionary's values
            if (kind(field) != Kind.OTHER) {
                FieldType values = new FieldType(field.isNullable(), field.getType(), null);
                dictionaries.put(field.getDictionary().getId(), new Field(name, values, null));
            }
            return;
        }
        ArrowType type = field.getType();
        if (type instanceof ArrowType.BinaryView || type instanceof ArrowType.Utf8View) {
            throw new IOException("its column " + TableColumn.shown(name) + " is a view, which is not read");
        }
        try {
            buffers += TypeLayout.getTypeBufferCount(type);
        } catch (UnsupportedOperationException e) {
            throw new IOException(
                    "its column " + TableColumn.shown(name) + " has the type " + TableColumn.shown(type.toString())
                            + ", which is not read",
                    e);
        }
        for (Field child : field.getChildren()) {
            visit(child, place);
        }
    }

    private static Kind kind(Field field) {
        ArrowType type = field.getType();
        boolean isEncoded = field.getDictionary() != null;
        if (type instanceof ArrowType.Utf8 || type instanceof ArrowType.LargeUtf8) {
            return Kind.TEXT;
        }
        if (type instanceof ArrowType.Int) {
            return Kind.INTEGER;
        }
        if (!isEncoded && (type instanceof ArrowType.Binary || type instanceof ArrowType.LargeBinary)) {
            return Kind.BYTES;
        }
        boolean image = !isEncoded
                && type instanceof ArrowType.Struct
                && field.getChildren().stream()
                        .anyMatch(child -> child.getName().equals(TableLayout.BYTES) && kind(child) == Kind.BYTES);
        return image ? Kind.IMAGE : Kind.OTHER;
    }
}

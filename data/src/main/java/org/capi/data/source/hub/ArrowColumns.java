package org.capi.data.source.hub;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.vector.TypeLayout;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.capi.data.source.hub.Column.Kind;
import org.jspecify.annotations.Nullable;

/** Where in a record batch each column of an Arrow file lies; a part of a structure is {@code image.bytes}. */
final class ArrowColumns {

    private final List<Column> columns = new ArrayList<>();
    private final Map<String, Place> places = new HashMap<>();
    private final Map<Long, Field> dictionaries = new HashMap<>();
    private int nodes;
    private int buffers;

    /**
     * A column's place among the nodes and buffers of every record batch.
     *
     * @param parent the structure that it is part of, or null
     */
    record Place(
            Field field, int node, int buffer, @Nullable Place parent) {}

    ArrowColumns(Schema schema) throws IOException {
        for (Field field : schema.getFields()) {
            columns.add(Column.of(field.getName(), kind(field), field.toString()));
            visit(field, null);
        }
    }

    List<Column> columns() {
        return List.copyOf(columns);
    }

    /** The field whose values a dictionary holds, as the only column of its batches; null for one that is of no use. */
    @Nullable
    Place dictionary(long id) {
        Field field = dictionaries.get(id);
        return field == null ? null : new Place(field, 0, 0, null);
    }

    /** The place of a column's values, or of its part of that name; null where the file has none. */
    @Nullable
    Place place(@Nullable Column column, String part) {
        if (column == null) {
            return null;
        }
        if (column.kind() != Kind.IMAGE) {
            return part.equals(Picture.BYTES) ? places.get(column.name()) : null;
        }
        Place place = places.get(column.name() + "." + part);
        return place == null || part.equals(Picture.BYTES) || kind(place.field()) == Kind.TEXT ? place : null;
    }

    private void visit(Field field, @Nullable Place parent) throws IOException {
        var place = new Place(field, nodes, buffers, parent);
        nodes++;
        keep(field.getName(), place, parent);
        if (field.getDictionary() != null) {
            buffers += 2; // the numbers of the dictionary's values
            if (kind(field) != Kind.OTHER) {
                FieldType values = new FieldType(field.isNullable(), field.getType(), null);
                dictionaries.put(field.getDictionary().getId(), new Field(field.getName(), values, null));
            }
            return;
        }
        ArrowType type = field.getType();
        if (type instanceof ArrowType.BinaryView || type instanceof ArrowType.Utf8View) {
            throw new IOException("its column " + Column.shown(field.getName()) + " is a view, which is not read");
        }
        try {
            buffers += TypeLayout.getTypeBufferCount(type);
        } catch (UnsupportedOperationException e) {
            throw new IOException(
                    "its column " + Column.shown(field.getName()) + " has the type " + Column.shown(type.toString())
                            + ", which is not read",
                    e);
        }
        for (Field child : field.getChildren()) {
            visit(child, place);
        }
    }

    /** Keeps the places of columns, and those of the parts of images. */
    private void keep(String name, Place place, @Nullable Place parent) throws IOException {
        boolean part =
                parent != null && parent.parent() == null && (name.equals(Picture.BYTES) || name.equals(Picture.PATH));
        if (parent != null && !part) {
            return;
        }
        String key = parent == null ? name : parent.field().getName() + "." + name;
        if (places.put(key, place) != null) {
            throw new IOException("it has two columns with the name <" + Column.shown(key) + ">");
        }
    }

    private static Kind kind(Field field) {
        ArrowType type = field.getType();
        if (field.getDictionary() != null) {
            return type instanceof ArrowType.Utf8 || type instanceof ArrowType.LargeUtf8
                    ? Kind.TEXT
                    : type instanceof ArrowType.Int ? Kind.INTEGER : Kind.OTHER;
        }
        if (type instanceof ArrowType.Binary || type instanceof ArrowType.LargeBinary) {
            return Kind.BYTES;
        }
        if (type instanceof ArrowType.Utf8 || type instanceof ArrowType.LargeUtf8) {
            return Kind.TEXT;
        }
        if (type instanceof ArrowType.Int) {
            return Kind.INTEGER;
        }
        boolean image = type instanceof ArrowType.Struct
                && field.getChildren().stream()
                        .anyMatch(child -> child.getName().equals(Picture.BYTES) && kind(child) == Kind.BYTES);
        return image ? Kind.IMAGE : Kind.OTHER;
    }
}

package org.capi.data.source.hub;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.vector.TypeLayout;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.capi.data.source.hub.Column.Kind;
import org.jspecify.annotations.Nullable;

/** Where in a record batch each column of an Arrow file lies; a part of a structure is {@code image.bytes}. */
final class ArrowColumns {

    private final List<Column> columns = new ArrayList<>();
    private final Map<String, Place> places = new HashMap<>();
    private int nodes;
    private int buffers;

    /**
     * A column's place among the nodes and buffers of every record batch.
     *
     * @param parent the structure that it is part of, or null
     */
    record Place(
            Field field, int node, int buffer, @Nullable Place parent) {}

    ArrowColumns(Schema schema) {
        for (Field field : schema.getFields()) {
            columns.add(
                    new Column(field.getName(), kind(field), field.toString().replaceAll("\\s+", " ")));
            visit(field, field.getName(), null);
        }
    }

    List<Column> columns() {
        return List.copyOf(columns);
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

    private void visit(Field field, String path, @Nullable Place parent) {
        var place = new Place(field, nodes, buffers, parent);
        places.put(path, place);
        nodes++;
        if (field.getDictionary() != null) {
            buffers += 2; // the numbers of the dictionary's values
            return;
        }
        ArrowType type = field.getType();
        if (type instanceof ArrowType.BinaryView || type instanceof ArrowType.Utf8View) {
            throw new IllegalArgumentException("its column " + path + " is a view, which is not read: " + field);
        }
        buffers += TypeLayout.getTypeBufferCount(type);
        for (Field child : field.getChildren()) {
            visit(child, path + "." + child.getName(), place);
        }
    }

    private static Kind kind(Field field) {
        ArrowType type = field.getType();
        if (field.getDictionary() != null) {
            return Kind.OTHER;
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

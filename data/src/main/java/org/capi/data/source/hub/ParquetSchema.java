package org.capi.data.source.hub;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.capi.data.source.hub.Column.Kind;
import org.jspecify.annotations.Nullable;

/** The columns of a Parquet file as columns of images and classes. */
final class ParquetSchema {

    private ParquetSchema() {}

    static List<Column> columns(MessageType schema) {
        Set<String> names = new HashSet<>();
        for (Type field : schema.getFields()) {
            if (!names.add(field.getName())) {
                throw new IllegalArgumentException(
                        "it has two columns with the name <" + Column.shown(field.getName()) + ">");
            }
        }
        return schema.getFields().stream()
                .map(field -> Column.of(field.getName(), kind(field), field.toString()))
                .toList();
    }

    /** The part of a schema that a layout needs. */
    static MessageType projection(MessageType schema, TableLayout layout) {
        List<Type> fields = new ArrayList<>();
        for (Type field : schema.getFields()) {
            if (isNamed(field, layout.image()) || isNamed(field, layout.labelMap())) {
                fields.add(field.isPrimitive() ? field : picture(field));
            } else if (isNamed(field, layout.label())) {
                fields.add(field);
            }
        }
        return new MessageType(schema.getName(), fields);
    }

    /** The leaf that holds a column's values, or its part of that name; null where the file has none. */
    static @Nullable ColumnDescriptor leaf(MessageType schema, @Nullable Column column, String part) {
        if (column == null) {
            return null;
        }
        if (column.kind() != Kind.IMAGE) {
            return part.equals(Picture.BYTES) ? schema.getColumnDescription(new String[] {column.name()}) : null;
        }
        String[] path = {column.name(), part};
        return schema.containsPath(path) ? schema.getColumnDescription(path) : null;
    }

    private static Kind kind(Type field) {
        if (field.isRepetition(Type.Repetition.REPEATED)) {
            return Kind.OTHER;
        }
        if (field.isPrimitive()) {
            return primitive(field);
        }
        var group = field.asGroupType();
        boolean image = group.getLogicalTypeAnnotation() == null
                && group.containsField(Picture.BYTES)
                && group.getType(Picture.BYTES).isPrimitive()
                && !group.getType(Picture.BYTES).isRepetition(Type.Repetition.REPEATED)
                && primitive(group.getType(Picture.BYTES)) == Kind.BYTES;
        return image ? Kind.IMAGE : Kind.OTHER;
    }

    private static Kind primitive(Type field) {
        LogicalTypeAnnotation meaning = field.getLogicalTypeAnnotation();
        PrimitiveTypeName type = field.asPrimitiveType().getPrimitiveTypeName();
        if (type == PrimitiveTypeName.BINARY) {
            return meaning == null ? Kind.BYTES : isText(meaning) ? Kind.TEXT : Kind.OTHER;
        }
        boolean whole = type == PrimitiveTypeName.INT32 || type == PrimitiveTypeName.INT64;
        boolean plain = meaning == null || meaning instanceof LogicalTypeAnnotation.IntLogicalTypeAnnotation;
        return whole && plain ? Kind.INTEGER : Kind.OTHER;
    }

    private static boolean isText(LogicalTypeAnnotation meaning) {
        return meaning instanceof LogicalTypeAnnotation.StringLogicalTypeAnnotation
                || meaning instanceof LogicalTypeAnnotation.EnumLogicalTypeAnnotation;
    }

    private static Type picture(Type field) {
        List<Type> parts = field.asGroupType().getFields().stream()
                .filter(part -> part.getName().equals(Picture.BYTES)
                        || (part.getName().equals(Picture.PATH)
                                && part.isPrimitive()
                                && primitive(part) == Kind.TEXT
                                && !part.isRepetition(Type.Repetition.REPEATED)))
                .toList();
        return field.asGroupType().withNewFields(parts);
    }

    private static boolean isNamed(Type field, @Nullable Column column) {
        return column != null && field.getName().equals(column.name());
    }
}

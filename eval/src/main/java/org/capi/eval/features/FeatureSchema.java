package org.capi.eval.features;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;

/** The columns of a file of features, and what it says of itself. */
final class FeatureSchema {

    static final String FEATURES = "features";
    static final String LABEL = "label";
    static final String NAME = "name";

    static final String CLASSES = "capi.classes";
    static final String PATCH_ROWS = "capi.patch_rows";
    static final String PATCH_COLUMNS = "capi.patch_columns";

    /** Notes of the footer: how many rows there are, and a checksum of the file as far as the footer. */
    static final String ROWS = "capi.rows";

    static final String BYTES = "capi.bytes";
    static final String CRC32C = "capi.crc32c";

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private FeatureSchema() {}

    static Schema of(FeatureShape shape, Map<String, String> notes, List<String> classes) {
        var value =
                new Field("item", FieldType.nullable(new ArrowType.FloatingPoint(FloatingPointPrecision.SINGLE)), null);
        var features =
                new Field(FEATURES, FieldType.notNullable(new ArrowType.FixedSizeList(shape.dim())), List.of(value));
        var label = Field.nullable(LABEL, new ArrowType.Int(32, true));
        var name = new Field(NAME, FieldType.notNullable(ArrowType.Utf8.INSTANCE), null);
        Map<String, String> all = new LinkedHashMap<>(notes);
        all.put(PATCH_ROWS, Integer.toString(shape.rows()));
        all.put(PATCH_COLUMNS, Integer.toString(shape.columns()));
        all.put(CLASSES, json(classes));
        return new Schema(List.of(features, label, name), all);
    }

    static FeatureShape shape(Schema schema) {
        var type = (ArrowType.FixedSizeList) schema.findField(FEATURES).getType();
        Map<String, String> notes = schema.getCustomMetadata();
        return new FeatureShape(
                Integer.parseInt(String.valueOf(notes.get(PATCH_ROWS))),
                Integer.parseInt(String.valueOf(notes.get(PATCH_COLUMNS))),
                type.getListSize());
    }

    static List<String> classes(Schema schema) throws IOException {
        String text = schema.getCustomMetadata().get(CLASSES);
        try {
            String[] names = JSON.readValue(String.valueOf(text), String[].class);
            if (names != null && !Arrays.asList(names).contains(null)) {
                return List.of(names);
            }
        } catch (JsonProcessingException e) {
            throw new IOException("its note " + CLASSES + " is no list of names", e);
        }
        throw new IOException("its note " + CLASSES + " is no list of names");
    }

    static String json(List<String> names) {
        try {
            return JSON.writeValueAsString(names);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("cannot write as JSON: " + names, e);
        }
    }
}

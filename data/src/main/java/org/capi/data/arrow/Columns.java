package org.capi.data.arrow;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.zip.CRC32C;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;

/** The columns of a shard. */
final class Columns {

    static final String NAME = "name";
    static final String IMAGE = "image";
    static final String LABEL = "label";
    static final String LABEL_MAP = "label_map";
    static final String WIDTH = "width";
    static final String HEIGHT = "height";
    static final String CRC32C = "crc32c";

    static final Schema SCHEMA = new Schema(List.of(
            required(NAME, ArrowType.Utf8.INSTANCE),
            required(IMAGE, ArrowType.Binary.INSTANCE),
            Field.nullable(LABEL, new ArrowType.Int(32, true)),
            Field.nullable(LABEL_MAP, ArrowType.Binary.INSTANCE),
            required(WIDTH, new ArrowType.Int(32, true)),
            required(HEIGHT, new ArrowType.Int(32, true)),
            required(CRC32C, new ArrowType.Int(64, true))));

    private Columns() {}

    /** The CRC-32C of an image's encoded bytes, as the column holds it. */
    static long checksum(ByteBuffer encoded) {
        var crc = new CRC32C();
        crc.update(encoded.duplicate());
        return crc.getValue();
    }

    private static Field required(String name, ArrowType type) {
        return new Field(name, FieldType.notNullable(type), null);
    }
}

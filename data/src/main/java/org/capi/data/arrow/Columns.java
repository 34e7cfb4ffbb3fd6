package org.capi.data.arrow;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
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

    static final String LABEL_MAP_CRC32C = "label_map_crc32c";
    static final String ROW_CRC32C = "row_crc32c";

    /** The columns of the formats before version 3, which have no checksums but those of the images. */
    static final int FIRST_COLUMNS = 7;

    static final Schema SCHEMA = new Schema(List.of(
            required(NAME, ArrowType.Utf8.INSTANCE),
            required(IMAGE, ArrowType.Binary.INSTANCE),
            Field.nullable(LABEL, new ArrowType.Int(32, true)),
            Field.nullable(LABEL_MAP, ArrowType.Binary.INSTANCE),
            required(WIDTH, new ArrowType.Int(32, true)),
            required(HEIGHT, new ArrowType.Int(32, true)),
            required(CRC32C, new ArrowType.Int(64, true)),
            Field.nullable(LABEL_MAP_CRC32C, new ArrowType.Int(64, true)),
            required(ROW_CRC32C, new ArrowType.Int(64, true))));

    private Columns() {}

    /** The CRC-32C of an image's encoded bytes, as the column holds it. */
    static long checksum(ByteBuffer encoded) {
        var crc = new CRC32C();
        crc.update(encoded.duplicate());
        return crc.getValue();
    }

    /**
     * The CRC-32C of a row without the bytes of its image and label map: of its name in UTF-8, then, as little-endian
     * numbers, of its label (-1 for none), width and height as int32, and of the checksums of its image and of its label map
     * (-1 for none) as int64.
     */
    static long rowChecksum(byte[] name, int label, int width, int height, long image, long labelMap) {
        var crc = new CRC32C();
        crc.update(name);
        ByteBuffer facts =
                ByteBuffer.allocate(3 * Integer.BYTES + 2 * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        facts.putInt(label).putInt(width).putInt(height).putLong(image).putLong(labelMap);
        crc.update(facts.flip());
        return crc.getValue();
    }

    private static Field required(String name, ArrowType type) {
        return new Field(name, FieldType.notNullable(type), null);
    }
}

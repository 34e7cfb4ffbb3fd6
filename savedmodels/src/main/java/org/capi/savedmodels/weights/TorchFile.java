package org.capi.savedmodels.weights;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;

/** Reads the zip files that PyTorch saves since version 1.6. */
final class TorchFile {

    private static final String PICKLE = "data.pkl";
    private static final String BYTE_ORDER = "byteorder";
    private static final long MOST_PICKLE_BYTES = 16 << 20;
    private static final long MOST_ORDER_BYTES = 16;

    private TorchFile() {}

    /** Everything in a file; whatever is damaged or no data is refused. */
    static Contents read(FileChannel channel) throws IOException {
        ZipRecords records = ZipRecords.read(channel);
        FileRegion pickle = records.region(PICKLE);
        if (pickle.size() > MOST_PICKLE_BYTES) {
            throw new IllegalArgumentException(
                    "its pickle has " + pickle.size() + " bytes; those of tensors are small");
        }
        return Contents.of(Unpickler.read(pickle.bytes(), key -> records.region("data/" + key), byteOrder(records)));
    }

    private static ByteOrder byteOrder(ZipRecords records) throws IOException {
        FileRegion record = records.regions().get(BYTE_ORDER);
        if (record == null) {
            return ByteOrder.LITTLE_ENDIAN;
        }
        String order = record.size() > MOST_ORDER_BYTES ? "" : new String(record.bytes(), StandardCharsets.US_ASCII);
        return switch (order) {
            case "little" -> ByteOrder.LITTLE_ENDIAN;
            case "big" -> ByteOrder.BIG_ENDIAN;
            default -> throw new IllegalArgumentException("its byte order is neither little nor big");
        };
    }
}

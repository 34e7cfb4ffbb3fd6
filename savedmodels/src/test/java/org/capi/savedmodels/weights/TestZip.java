package org.capi.savedmodels.weights;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Writes zip files as PyTorch lays them out. */
final class TestZip {

    private final Map<String, byte[]> records = new LinkedHashMap<>();
    private int method = ZipEntry.STORED;

    /** A file whose pickle holds this. */
    static TestZip of(Object root) {
        return new TestZip().with("a/data.pkl", TestPickle.of(root));
    }

    TestZip with(String name, byte[] content) {
        records.put(name, content);
        return this;
    }

    /** Adds the record of a storage. */
    TestZip with(String key, float... numbers) {
        var bytes = ByteBuffer.allocate(Float.BYTES * numbers.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(numbers);
        return with("a/data/" + key, bytes.array());
    }

    TestZip compressed() {
        method = ZipEntry.DEFLATED;
        return this;
    }

    Path write(Path file) throws IOException {
        try (OutputStream out = Files.newOutputStream(file);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            for (Map.Entry<String, byte[]> record : records.entrySet()) {
                byte[] content = record.getValue();
                var entry = new ZipEntry(record.getKey());
                entry.setMethod(method);
                var crc = new CRC32();
                crc.update(content);
                entry.setCrc(crc.getValue());
                entry.setSize(content.length);
                zip.putNextEntry(entry);
                zip.write(content);
                zip.closeEntry();
            }
        }
        return file;
    }
}

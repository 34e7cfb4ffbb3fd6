package org.capi.savedmodels.weights;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.attribute.FileTime;
import java.time.LocalDateTime;
import java.time.ZoneId;
import org.apache.commons.compress.archivers.zip.Zip64Mode;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;

/** Writes float32 tensors as a zip file of PyTorch's, the same bytes for the same tensors. */
final class TorchWriter {

    private static final String FOLDER = "archive/";
    private static final int ALIGNMENT = 64;
    private static final String FORMAT_VERSION = "3\n";
    /** Zip files know no time zone: the same digits everywhere. */
    private static final LocalDateTime TIME = LocalDateTime.of(1980, 1, 2, 0, 0);

    private TorchWriter() {}

    static void write(NamedTensors tensors, FileChannel file) throws IOException {
        var zip = new ZipArchiveOutputStream(new UnclosedChannel(file));
        zip.setUseZip64(Zip64Mode.AsNeeded);
        add(zip, "data.pkl", PickleOutput.of(tensors.shapes()));
        add(zip, "byteorder", "little".getBytes(StandardCharsets.US_ASCII));
        int key = 0;
        for (String name : tensors.shapes().keySet()) {
            float[] values = tensors.floats(name);
            begin(zip, "data/" + key, (long) Float.BYTES * values.length);
            FloatBytes.write(values, (bytes, count) -> zip.write(bytes, 0, count));
            zip.closeArchiveEntry();
            key++;
        }
        add(zip, "version", FORMAT_VERSION.getBytes(StandardCharsets.US_ASCII));
        zip.finish();
    }

    private static void add(ZipArchiveOutputStream zip, String name, byte[] content) throws IOException {
        begin(zip, name, content.length);
        zip.write(content);
        zip.closeArchiveEntry();
    }

    private static void begin(ZipArchiveOutputStream zip, String name, long size) throws IOException {
        var entry = new ZipArchiveEntry(FOLDER + name);
        entry.setMethod(ZipArchiveEntry.STORED);
        entry.setSize(size);
        entry.setAlignment(ALIGNMENT);
        entry.setTime(FileTime.from(TIME.atZone(ZoneId.systemDefault()).toInstant()));
        zip.putArchiveEntry(entry);
    }
}

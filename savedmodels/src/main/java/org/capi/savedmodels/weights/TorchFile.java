package org.capi.savedmodels.weights;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.zip.Zip64Mode;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.apache.commons.compress.archivers.zip.ZipFile;
import org.capi.savedmodels.SafeText;
import org.capi.savedmodels.weights.StoredTensor.FileRegion;
import org.tensorflow.ndarray.Shape;

/**
 * The zip files that PyTorch saves since version 1.6: a pickle and the numbers of each storage, in records that are not
 * compressed, below one folder of any name.
 */
final class TorchFile {

    private static final String PICKLE = "data.pkl";
    private static final String BYTE_ORDER = "byteorder";
    /** The record of TorchScript's constants, whose code is compressed. */
    private static final String SCRIPT = "/constants.pkl";

    private static final int MAX_RECORDS = 100_000;
    private static final long MAX_PICKLE_BYTES = 16 << 20;
    private static final long MAX_ORDER_BYTES = 16;

    // Of the files that are written.
    private static final String FOLDER = "archive/";
    private static final int ALIGNMENT = 64;
    private static final String FORMAT_VERSION = "3\n";
    /** Zip files know no time zone: the same digits everywhere. */
    private static final LocalDateTime TIME = LocalDateTime.of(1980, 1, 2, 0, 0);

    private TorchFile() {}

    /**
     * Everything in a file; whatever is damaged or no data is refused.
     *
     * @param channel the open file, from which tensors are read later
     */
    static Contents read(Path file, FileChannel channel) throws IOException {
        Map<String, FileRegion> records = records(file, channel);
        FileRegion pickle = required(records, PICKLE);
        if (pickle.size() > MAX_PICKLE_BYTES) {
            throw new IllegalArgumentException(
                    "its pickle has " + pickle.size() + " bytes; those of tensors are small");
        }
        FileRegion order = records.get(BYTE_ORDER);
        return Contents.of(Unpickler.read(
                pickle.bytes(),
                key -> required(records, "data/" + key),
                order == null ? ByteOrder.LITTLE_ENDIAN : byteOrder(order)));
    }

    private static ByteOrder byteOrder(FileRegion record) throws IOException {
        String order = record.size() > MAX_ORDER_BYTES ? "" : new String(record.bytes(), StandardCharsets.US_ASCII);
        return switch (order) {
            case "little" -> ByteOrder.LITTLE_ENDIAN;
            case "big" -> ByteOrder.BIG_ENDIAN;
            default -> throw new IllegalArgumentException("its byte order is neither little nor big");
        };
    }

    private static FileRegion required(Map<String, FileRegion> records, String name) {
        FileRegion region = records.get(name);
        if (region == null) {
            throw new IllegalArgumentException("it has no record " + SafeText.name(name));
        }
        return region;
    }

    /** Where each record lies, by its name below the folder; every record's bounds and checksum are checked. */
    private static Map<String, FileRegion> records(Path file, FileChannel channel) throws IOException {
        Map<String, FileRegion> regions = new LinkedHashMap<>();
        String folder = "";
        long bytes = 0;
        // The zip file's reader closes what it is given.
        try (FileChannel lent = FileChannel.open(file, StandardOpenOption.READ);
                ZipFile zip = directory(lent)) {
            List<ZipArchiveEntry> entries = Collections.list(zip.getEntries());
            if (entries.stream().anyMatch(entry -> entry.getName().endsWith(SCRIPT))) {
                throw new IllegalArgumentException("it is a TorchScript program (torch.jit.save), not a state dict; in"
                        + " Python: torch.save(torch.jit.load(FILE).state_dict(), 'weights.pth')");
            }
            for (ZipArchiveEntry entry : entries) {
                if (regions.size() == MAX_RECORDS) {
                    throw new IllegalArgumentException("it has more than " + MAX_RECORDS + " records");
                }
                String name = entry.getName();
                String shown = "its record " + SafeText.name(name);
                if (name.startsWith("/") || name.contains("\\") || ("/" + name + "/").contains("/../")) {
                    throw new IllegalArgumentException(shown + " leaves the archive");
                }
                String top = name.substring(0, name.indexOf('/') + 1);
                if (top.isEmpty() || !(folder.isEmpty() || folder.equals(top))) {
                    throw new IllegalArgumentException(shown + " is not in the folder of the others");
                }
                folder = top;
                FileRegion region = region(channel, entry, shown);
                bytes += region.size();
                if (bytes > channel.size()) {
                    throw new IllegalArgumentException("its records overlap: they have more bytes than the file");
                }
                if (regions.put(name.substring(top.length()), region) != null) {
                    throw new IllegalArgumentException("it has two records " + SafeText.name(name));
                }
                if (region.crc32() != entry.getCrc()) {
                    throw new IllegalArgumentException(shown + " is damaged: the checksum differs");
                }
            }
        }
        return regions;
    }

    private static ZipFile directory(FileChannel channel) {
        try {
            return ZipFile.builder().setSeekableByteChannel(channel).get();
        } catch (IOException e) {
            throw new IllegalArgumentException("it is a damaged or truncated zip file", e);
        }
    }

    /** Only records that are stored as they are: compressed ones can grow without bounds. */
    private static FileRegion region(FileChannel channel, ZipArchiveEntry entry, String shown) throws IOException {
        if (entry.getMethod() != ZipArchiveEntry.STORED
                || entry.getGeneralPurposeBit().usesEncryption()
                || entry.getSize() != entry.getCompressedSize()) {
            throw new IllegalArgumentException(shown + " is compressed or encrypted, which PyTorch never does");
        }
        long position = entry.getDataOffset();
        if (position < 0 || entry.getSize() < 0 || position > channel.size() - entry.getSize()) {
            throw new IllegalArgumentException(shown + " passes the end of the file");
        }
        return new FileRegion(channel, position, entry.getSize());
    }

    /** Writes float32 tensors, the same bytes for the same tensors. */
    static void write(NamedTensors tensors, FileChannel file) throws IOException {
        var zip = new ZipArchiveOutputStream(file);
        zip.setUseZip64(Zip64Mode.AsNeeded);
        add(zip, PICKLE, new Pickle().of(tensors.shapes()));
        add(zip, BYTE_ORDER, "little".getBytes(StandardCharsets.US_ASCII));
        int key = 0;
        for (String name : tensors.shapes().keySet()) {
            float[] values = tensors.floats(name);
            begin(zip, "data/" + key, (long) Float.BYTES * values.length);
            SafetensorsFile.writeFloats(values, zip);
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

    /** The pickle of an ordered dictionary of float32 tensors, as {@code torch.save} writes it. */
    private static final class Pickle {

        private static final String TENSOR = "torch._utils\n_rebuild_tensor_v2\n";
        private static final String STORAGE = "torch\nFloatStorage\n";
        private static final String DICTIONARY = "collections\nOrderedDict\n";

        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        /** Tensor number n has its numbers in the record {@code data/n}. */
        byte[] of(Map<String, Shape> tensors) {
            op(0x80).op(2).emptyDictionary().op('(');
            int key = 0;
            for (Map.Entry<String, Shape> tensor : tensors.entrySet()) {
                text(tensor.getKey()).tensor(key, tensor.getValue());
                key++;
            }
            op('u').op('.');
            return out.toByteArray();
        }

        /** A call of PyTorch's function with storage, offset, sizes, strides and two more arguments. */
        private void tensor(int key, Shape shape) {
            List<Long> sizes = Arrays.stream(shape.asArray()).boxed().toList();
            op('c').raw(TENSOR).op('(');
            op('(').text("storage")
                    .op('c')
                    .raw(STORAGE)
                    .text(Integer.toString(key))
                    .text("cpu");
            whole(shape.size()).op('t').op('Q');
            whole(0).tuple(sizes).tuple(StoredTensor.denseStrides(sizes));
            op(0x89).emptyDictionary().op('t').op('R');
        }

        private Pickle emptyDictionary() {
            return op('c').raw(DICTIONARY).op(')').op('R');
        }

        private Pickle tuple(List<Long> values) {
            op('(');
            values.forEach(this::whole);
            return op('t');
        }

        private Pickle whole(long value) {
            return value == (int) value
                    ? op('J').little(Integer.BYTES, value)
                    : op(0x8a).op(Long.BYTES).little(Long.BYTES, value);
        }

        private Pickle text(String text) {
            return op('X').little(Integer.BYTES, text.getBytes(StandardCharsets.UTF_8).length)
                    .raw(text);
        }

        private Pickle raw(String text) {
            out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
            return this;
        }

        private Pickle op(int opcode) {
            out.write(opcode);
            return this;
        }

        private Pickle little(int bytes, long value) {
            for (int i = 0; i < bytes; i++) {
                out.write((int) (value >>> (Byte.SIZE * i)));
            }
            return this;
        }
    }
}

package org.capi.train.loop;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.capi.data.batch.Batch;
import org.capi.data.files.DurableFile;
import org.capi.data.files.StrictJson;
import org.capi.graph.pretrain.StepConfig.BatchShape;
import org.capi.train.run.RunFolder;
import org.tensorflow.RawTensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TUint8;
import org.tensorflow.types.family.TType;

/**
 * The dumps of a run's non-finite steps: the batch of each as {@code .npy} files, numpy's arrays, with the names of its
 * images, and one copy of the state, which such steps do not change. Each can be repeated without any other step.
 *
 * @param folder of the run's dumps
 */
record StepDumps(Path folder) {

    private static final String IMAGES = "images.npy";
    private static final String VISIBLE = "visible.npy";
    private static final String PREDICTED = "predicted.npy";
    private static final String ROWS = "rows.json";
    private static final String STATE = "state";
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};
    private static final int ALIGNMENT = 64;
    private static final int CHUNK = 1 << 20;

    /**
     * A row of a batch.
     *
     * @param row of the run's images, all datasets one after the other
     * @param name of the image
     */
    record Row(long row, String name) {}

    void writeBatch(long step, Batch batch) throws IOException {
        Path dump = Files.createDirectories(dump(step));
        writeNpy("|u1", batch.images(), dump.resolve(IMAGES));
        writeNpy("<i8", batch.visible(), dump.resolve(VISIBLE));
        writeNpy("<i8", batch.predicted(), dump.resolve(PREDICTED));
    }

    void writeRows(long step, List<Row> rows) throws IOException {
        Files.writeString(
                dump(step).resolve(ROWS), StrictJson.MAPPER.writeValueAsString(Map.of("step", step, "rows", rows)));
    }

    void writeState(Consumer<Path> save) throws IOException {
        save.accept(Files.createDirectories(folder.resolve(STATE)).resolve("model"));
    }

    /** Deletes all, when a later step could be made. */
    void delete() throws IOException {
        DurableFile.deleteTree(folder);
    }

    /** The path prefix of the state's files, as TensorFlow names a checkpoint. */
    Path state() {
        return folder.resolve(STATE).resolve("model");
    }

    /** The batch of a step, which the caller closes. */
    Batch batch(long step, BatchShape shape) throws IOException {
        Path dump = dump(step);
        if (!Files.isRegularFile(dump.resolve(PREDICTED))
                || !Files.isRegularFile(folder.resolve(STATE).resolve("model.index"))) {
            throw new IllegalArgumentException(
                    "no batch of step " + step + " was captured under " + folder + "; there are: " + steps());
        }
        var images = Shape.of(shape.images(), shape.height(), shape.width(), 3);
        return new Batch(
                TUint8.tensorOf(images, DataBuffers.of(content(dump.resolve(IMAGES), images.size()))),
                longs(dump.resolve(VISIBLE), (long) shape.images() * shape.visible()),
                longs(dump.resolve(PREDICTED), (long) shape.images() * shape.predicted()),
                step - 1);
    }

    private List<String> steps() throws IOException {
        return RunFolder.entries(folder).stream()
                .map(entry -> String.valueOf(entry.getFileName()))
                .filter(name -> name.startsWith("step-"))
                .sorted()
                .toList();
    }

    private Path dump(long step) {
        return folder.resolve("step-" + step);
    }

    private static TInt64 longs(Path file, long count) throws IOException {
        byte[] content = content(file, count * Long.BYTES);
        long[] values = new long[(int) count];
        ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().get(values);
        return TInt64.vectorOf(values);
    }

    private static void writeNpy(String type, TType tensor, Path file) throws IOException {
        RawTensor raw = tensor.asRawTensor();
        try (OutputStream out = Files.newOutputStream(file)) {
            out.write(header(type, raw.shape()));
            byte[] chunk = new byte[CHUNK];
            var data = raw.data();
            for (long at = 0; at < data.size(); at += CHUNK) {
                int length = (int) Math.min(CHUNK, data.size() - at);
                data.offset(at).read(chunk, 0, length);
                out.write(chunk, 0, length);
            }
        }
    }

    private static byte[] header(String type, Shape shape) {
        var sizes = new StringBuilder();
        for (long size : shape.asArray()) {
            sizes.append(size).append(", ");
        }
        String text = "{'descr': '" + type + "', 'fortran_order': False, 'shape': (" + sizes + "), }";
        int unpadded = MAGIC.length + Short.BYTES + text.length() + 1;
        text += " ".repeat((ALIGNMENT - unpadded % ALIGNMENT) % ALIGNMENT) + "\n";
        return ByteBuffer.allocate(MAGIC.length + Short.BYTES + text.length())
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(MAGIC)
                .putShort((short) text.length())
                .put(text.getBytes(StandardCharsets.US_ASCII))
                .array();
    }

    /** The bytes after the header; another number of them is refused. */
    private static byte[] content(Path file, long bytes) throws IOException {
        byte[] all = Files.readAllBytes(file);
        ByteBuffer buffer = ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN);
        int start = all.length < MAGIC.length + Short.BYTES
                ? all.length
                : MAGIC.length + Short.BYTES + buffer.getShort(MAGIC.length);
        if (all.length - start != bytes) {
            throw new IllegalArgumentException(file + " does not hold the batch of this configuration: "
                    + (all.length - start) + " bytes, not " + bytes);
        }
        return Arrays.copyOfRange(all, start, all.length);
    }
}

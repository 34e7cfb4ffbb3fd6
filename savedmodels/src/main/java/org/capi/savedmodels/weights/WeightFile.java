package org.capi.savedmodels.weights;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.tensorflow.ndarray.Shape;

/**
 * An open file of weights: PyTorch's zip format ({@code .pth}, {@code .pt}) or safetensors, told by its first bytes.
 *
 * <p>Tensors in nested dictionaries have their keys with dots between them for a name, such as {@code
 * model.student.backbone.mask_token}.
 */
public final class WeightFile implements NamedTensors, AutoCloseable {

    private static final String ZIP = "PK\3\4";
    private static final String LEGACY = "\u0080\2\u008a\n";
    private static final int MOST_GROWTH = 16;

    private final Path file;
    private final FileChannel channel;
    private final Contents contents;
    private final Map<String, Shape> shapes = new LinkedHashMap<>();

    private WeightFile(Path file, FileChannel channel, Contents contents) {
        this.file = file;
        this.channel = channel;
        this.contents = contents;
        contents.tensors().forEach((name, tensor) -> {
            if (tensor.type().isFloating()) {
                shapes.put(name, tensor.shape());
            }
        });
    }

    /**
     * Opens a file and checks all of it but the values: structure, bounds, checksums, and that it asks for nothing but
     * tensors. A file that fails is refused with the reason; nothing in it is run.
     */
    public static WeightFile open(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException("no weights file: " + file);
        }
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        try {
            Contents contents = read(channel);
            requireModestSize(contents, channel.size());
            return new WeightFile(file, channel, contents);
        } catch (IllegalArgumentException e) {
            channel.close();
            throw new IllegalArgumentException("cannot read weights from " + file + ": " + e.getMessage(), e);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** Where it lies. */
    public Path path() {
        return file;
    }

    /** Floating tensors only: no weight is whole. */
    @Override
    public Map<String, Shape> shapes() {
        return Collections.unmodifiableMap(shapes);
    }

    @Override
    public float[] floats(String name) throws IOException {
        StoredTensor tensor = contents.tensors().get(name);
        if (tensor == null || !tensor.type().isFloating()) {
            throw new IllegalArgumentException("the file " + file + " has no weight " + name);
        }
        return tensor.floats();
    }

    /** A number that stands beside the tensors, such as {@code iteration}. */
    public Optional<Number> number(String name) {
        return Optional.ofNullable(contents.numbers().get(name));
    }

    /** Refuses whole numbers under a prefix: no weight is whole. */
    void requireWeights(String prefix) {
        contents.tensors().forEach((name, tensor) -> {
            if (name.startsWith(prefix) && !tensor.type().isFloating()) {
                throw new IllegalArgumentException("the weight " + name + " in " + file + " is of type " + tensor.type()
                        + "; it must be float32, float16, bfloat16 or float64");
            }
        });
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    private static Contents read(FileChannel channel) throws IOException {
        long length = Math.min(ZIP.length(), channel.size());
        String begin = new String(new FileRegion(channel, 0, length).bytes(), StandardCharsets.ISO_8859_1);
        if (begin.equals(ZIP)) {
            return TorchFile.read(channel);
        }
        if (begin.equals(LEGACY)) {
            throw new IllegalArgumentException("it has the format that PyTorch wrote before version 1.6; load it with"
                    + " torch.load and write it again with torch.save");
        }
        if (SafetensorsFile.looksLikeOne(channel)) {
            return SafetensorsFile.read(channel);
        }
        throw new IllegalArgumentException("it is neither a checkpoint of PyTorch (a zip file) nor a safetensors file");
    }

    /** A small file whose many tensors share one storage would fill any memory. */
    private static void requireModestSize(Contents contents, long fileBytes) {
        long bytes = 0;
        for (StoredTensor tensor : contents.tensors().values()) {
            bytes += Float.BYTES * tensor.count();
            if (bytes / MOST_GROWTH > fileBytes) {
                throw new IllegalArgumentException("its tensors are " + MOST_GROWTH + " times as large as the file");
            }
        }
    }
}

package org.capi.savedmodels.weights;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
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
    private static final String LFS_POINTER = "version https://git-lfs";
    private static final int BEGIN_BYTES = 64;
    private static final int MOST_GROWTH = 16;

    private final Path file;
    private final List<FileChannel> channels;
    private final Contents contents;
    private final Map<String, Shape> shapes = new LinkedHashMap<>();

    private WeightFile(Path file, List<FileChannel> channels, Contents contents) {
        this.file = file;
        this.channels = List.copyOf(channels);
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
     *
     * <p>Of a set of shards, the index and each shard stand for the whole set.
     */
    public static WeightFile open(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException("no weights file: " + file);
        }
        List<FileChannel> channels = new ArrayList<>();
        try {
            Contents contents = readAll(file, channels);
            return new WeightFile(file, channels, contents);
        } catch (IllegalArgumentException e) {
            closeAll(channels);
            throw new IllegalArgumentException("cannot read weights from " + file + ": " + e.getMessage(), e);
        } catch (IOException | RuntimeException e) {
            closeAll(channels);
            throw e;
        }
    }

    private static Contents readAll(Path file, List<FileChannel> channels) throws IOException {
        List<Path> shards = WeightShards.of(file);
        if (shards.isEmpty()) {
            return read(file, channels);
        }
        Contents all = Contents.empty();
        for (Path shard : shards) {
            try {
                Contents one = read(shard, channels);
                one.tensors().forEach(all::add);
                all.numbers().putAll(one.numbers());
                all.others().addAll(one.others());
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("its shard " + shard.getFileName() + ": " + e.getMessage(), e);
            }
        }
        return all;
    }

    private static Contents read(Path file, List<FileChannel> channels) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        channels.add(channel);
        Contents contents = read(channel);
        requireModestSize(contents, channel.size());
        return contents;
    }

    private static void closeAll(List<FileChannel> channels) throws IOException {
        for (FileChannel channel : channels) {
            channel.close();
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
            throw new IllegalArgumentException("the file " + file + " has no weight " + Quoted.name(name));
        }
        return tensor.floats();
    }

    /** A number that stands beside the tensors, such as {@code iteration}. */
    public Optional<Number> number(String name) {
        return Optional.ofNullable(contents.numbers().get(name));
    }

    /** The names of all that is not among some tensors: other tensors, and the paths of what holds none. */
    List<String> namesWithout(Set<String> tensors) {
        List<String> names = new ArrayList<>();
        contents.tensors().keySet().stream()
                .filter(name -> !tensors.contains(name))
                .forEach(names::add);
        names.addAll(contents.others());
        return names;
    }

    /** Refuses whole numbers among some names: no weight is whole. */
    void requireWeights(Predicate<String> names) {
        contents.tensors().forEach((name, tensor) -> {
            if (!tensor.type().isFloating() && names.test(name)) {
                throw new IllegalArgumentException("the weight " + Quoted.name(name) + " in " + file + " is of type "
                        + tensor.type() + "; it must be float32, float16, bfloat16 or float64");
            }
        });
    }

    @Override
    public void close() throws IOException {
        closeAll(channels);
    }

    private static Contents read(FileChannel channel) throws IOException {
        long length = Math.min(BEGIN_BYTES, channel.size());
        String begin = new String(new FileRegion(channel, 0, length).bytes(), StandardCharsets.ISO_8859_1);
        if (begin.startsWith(ZIP)) {
            return TorchFile.read(channel);
        }
        if (begin.startsWith(LEGACY)) {
            throw new IllegalArgumentException("it has the format that PyTorch wrote before version 1.6; load it with"
                    + " torch.load and write it again with torch.save");
        }
        if (SafetensorsFile.looksLikeOne(channel)) {
            return SafetensorsFile.read(channel);
        }
        if (begin.startsWith(LFS_POINTER)) {
            throw new IllegalArgumentException(
                    "it is a Git LFS pointer, not the file itself; fetch that with 'git lfs pull'");
        }
        if (begin.stripLeading()
                .toLowerCase(Locale.ROOT)
                .matches("(?s)(\u00ef\u00bb\u00bf)?<(!doctype|html|head|\\?xml|!--).*")) {
            throw new IllegalArgumentException(
                    "it is a web page, not weights; download the file that the page links to");
        }
        throw new IllegalArgumentException("it is neither a checkpoint of PyTorch (a zip file) nor a safetensors file");
    }

    /** A small file whose many tensors share one storage, or repeat it, would fill any memory. */
    private static void requireModestSize(Contents contents, long fileBytes) {
        long bytes = 0;
        for (Map.Entry<String, StoredTensor> entry : contents.tensors().entrySet()) {
            bytes += Float.BYTES * entry.getValue().count();
            if (bytes / MOST_GROWTH > fileBytes) {
                throw new IllegalArgumentException("its tensors are " + MOST_GROWTH + " times as large as the file, "
                        + Quoted.name(entry.getKey()) + " and those before it");
            }
        }
    }
}

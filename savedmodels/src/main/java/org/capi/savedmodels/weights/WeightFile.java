package org.capi.savedmodels.weights;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
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
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.capi.savedmodels.SafeText;
import org.capi.savedmodels.weights.StoredTensor.FileRegion;
import org.tensorflow.ndarray.Shape;

/**
 * An open file of weights: PyTorch's zip format ({@code .pth}, {@code .pt}) or safetensors, recognised by its first bytes.
 *
 * <p>Tensors in nested dictionaries have their keys with dots between them for a name, such as {@code
 * model.student.backbone.mask_token}.
 *
 * <p>Nothing in a file is ever executed: {@link Unpickler} knows the opcodes and globals that checkpoints of tensors
 * need, and a file that names anything else is refused whole. Tensors are read when they are needed, by positioned
 * reads and not by memory maps: a file that somebody cuts short meanwhile is then an exception and no crash, and a
 * process needs no more memory than one tensor.
 */
public final class WeightFile implements NamedTensors, AutoCloseable {

    private static final String ZIP = "PK\3\4";
    private static final String LEGACY = "\u0080\2\u008a\n";
    private static final String LFS_POINTER = "version https://git-lfs";
    private static final int BEGIN_BYTES = 64;
    private static final int MAX_GROWTH = 16;

    // Shards, as the library transformers writes them, all in one folder.
    private static final String INDEX = ".index.json";
    private static final Pattern SHARD = Pattern.compile("(.+-)(\\d{5})-of-(\\d{5})(\\.[a-z]+)");
    private static final Pattern FILE_NAME = Pattern.compile("[^/\\\\\\x00-\\x1f:]{1,255}");
    private static final long MAX_INDEX_BYTES = 1 << 24;
    private static final int MAX_SHARDS = 1000;

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
        List<Path> shards = shards(file);
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

    /** All shards of the set that an index or a shard belongs to; empty for a file that is neither. */
    private static List<Path> shards(Path file) throws IOException {
        String name = String.valueOf(file.getFileName());
        List<String> names = new ArrayList<>();
        Matcher shard = SHARD.matcher(name);
        if (name.endsWith(INDEX)) {
            names.addAll(namesIn(file));
        } else if (shard.matches()) {
            int count = Integer.parseInt(shard.group(3));
            for (int i = 1; i <= Math.min(count, MAX_SHARDS + 1); i++) {
                String number = Integer.toString(100_000 + i).substring(1);
                names.add(shard.group(1) + number + "-of-" + shard.group(3) + shard.group(4));
            }
        }
        if (names.size() > MAX_SHARDS) {
            throw new IllegalArgumentException("it is one of more than " + MAX_SHARDS + " shards");
        }
        List<Path> shards = names.stream().map(file::resolveSibling).toList();
        for (Path path : shards) {
            if (!Files.isRegularFile(path)) {
                throw new IllegalArgumentException(
                        "its shard " + path.getFileName() + " is not in the same folder; every shard is needed");
            }
        }
        return shards;
    }

    /** The file names in an index, each once; names that lead out of its folder are refused. */
    private static Set<String> namesIn(Path index) throws IOException {
        if (Files.size(index) > MAX_INDEX_BYTES) {
            throw new IllegalArgumentException("its index has more than " + MAX_INDEX_BYTES + " bytes");
        }
        JsonNode map;
        try {
            map = new JsonMapper().readTree(Files.readAllBytes(index)).path("weight_map");
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("its index is not JSON: " + SafeText.text(e.getOriginalMessage()), e);
        }
        if (!map.isObject() || map.isEmpty()) {
            throw new IllegalArgumentException("its index has no weight_map, which names the shard of each tensor");
        }
        Set<String> names = new TreeSet<>();
        for (JsonNode name : map) {
            String text = name.asText();
            if (!name.isTextual() || !FILE_NAME.matcher(text).matches() || text.equals("..") || text.equals(".")) {
                throw new IllegalArgumentException(
                        "its index names the shard " + SafeText.name(name.toString()) + ", which is not a file's name");
            }
            if (text.endsWith(INDEX)) {
                throw new IllegalArgumentException("its index names another index, " + SafeText.name(text));
            }
            names.add(text);
        }
        return names;
    }

    private static Contents read(Path file, List<FileChannel> channels) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        channels.add(channel);
        Contents contents = read(file, channel);
        checkGrowth(contents, channel.size());
        return contents;
    }

    private static Contents read(Path file, FileChannel channel) throws IOException {
        long length = Math.min(BEGIN_BYTES, channel.size());
        String begin = new String(new FileRegion(channel, 0, length).bytes(), StandardCharsets.ISO_8859_1);
        if (begin.startsWith(ZIP)) {
            return TorchFile.read(file, channel);
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
    private static void checkGrowth(Contents contents, long fileBytes) {
        long bytes = 0;
        for (Map.Entry<String, StoredTensor> entry : contents.tensors().entrySet()) {
            bytes += Float.BYTES * entry.getValue().count();
            if (bytes / MAX_GROWTH > fileBytes) {
                throw new IllegalArgumentException("its tensors are " + MAX_GROWTH + " times as large as the file, "
                        + SafeText.name(entry.getKey()) + " and those before it");
            }
        }
    }

    private static void closeAll(List<FileChannel> channels) throws IOException {
        for (FileChannel channel : channels) {
            channel.close();
        }
    }

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
            throw new IllegalArgumentException("the file " + file + " has no weight " + SafeText.name(name));
        }
        return tensor.floats();
    }

    /** A number next to the tensors, such as {@code iteration}. */
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
                throw new IllegalArgumentException("the weight " + SafeText.name(name) + " in " + file + " is of type "
                        + tensor.type() + "; it must be float32, float16, bfloat16 or float64");
            }
        });
    }

    @Override
    public void close() throws IOException {
        closeAll(channels);
    }
}

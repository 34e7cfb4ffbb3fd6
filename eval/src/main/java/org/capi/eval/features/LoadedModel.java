package org.capi.eval.features;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.codec.digest.DigestUtils;
import org.capi.data.arrow.ImageDataset;
import org.capi.data.files.DurableFile;
import org.capi.eval.features.Representation.FeatureShape;
import org.capi.savedmodels.VisionEncoder;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TFloat32;

/**
 * An encoder, and the checksum of the files that it was loaded from.
 *
 * @param name the last part of its path, for reports
 * @param checksum of the names and contents of all files
 */
public record LoadedModel(String name, VisionEncoder encoder, String checksum) implements AutoCloseable {

    /** Loads any SavedModel whose default signature has the three outputs; another folder is refused by name. */
    public static LoadedModel open(Path folder) throws IOException {
        String name = String.valueOf(folder.toAbsolutePath().normalize().getFileName());
        VisionEncoder encoder = VisionEncoder.load(folder);
        try {
            return new LoadedModel(name, encoder, checksum(folder));
        } catch (IOException | RuntimeException e) {
            encoder.close();
            throw e;
        }
    }

    /**
     * The same architecture with fresh weights, equal for all models of an architecture; empty for a model that does
     * not describe its architecture. The caller closes it.
     */
    public Optional<LoadedModel> untrained() {
        String sum = DigestUtils.sha256Hex("untrained " + encoder.architecture());
        return encoder.untrained().map(fresh -> new LoadedModel(name + ", untrained", fresh, sum));
    }

    private static String checksum(Path folder) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.walk(folder)) {
            files = all.filter(Files::isRegularFile).sorted().toList();
        }
        var lines = new StringBuilder();
        for (Path file : files) {
            lines.append(folder.relativize(file) + " " + DurableFile.crc32c(file) + "\n");
        }
        return DigestUtils.sha256Hex(lines.toString());
    }

    /** The checksum of a split's images, labels and classes, from its description. */
    public static String checksum(ImageDataset dataset) {
        Stream<String> shards = dataset.info().shards().stream()
                .map(shard -> shard.rows() + " " + shard.bytes() + " " + shard.crc32c() + "\n");
        Stream<String> classes = dataset.classes().stream().map(name -> name + "\n");
        return DigestUtils.sha256Hex(Stream.concat(shards, classes).collect(Collectors.joining()));
    }

    /**
     * The shape of each representation for an image of a size, by encoding a black one; a size that the model does not
     * take is refused, and so is a model whose numbers are not finite.
     */
    public Map<Representation, FeatureShape> shapes(int imageSize, List<Representation> representations) {
        EncodedBatch black = black(imageSize);
        Map<Representation, FeatureShape> shapes = new LinkedHashMap<>();
        for (Representation representation : representations) {
            black.checkFinite(representation, "a black image");
            shapes.put(representation, black.shape(representation));
        }
        return shapes;
    }

    private EncodedBatch black(int imageSize) {
        var shape = Shape.of(1, imageSize, imageSize, 3);
        try (TFloat32 image = TFloat32.tensorOf(shape, DataBuffers.ofFloats(shape.size()))) {
            var features = encoder.encode(image);
            if (features.featureMap().size() == 0) {
                throw new IllegalArgumentException("it gives no patches");
            }
            return new EncodedBatch(features);
        } catch (RuntimeException e) {
            String why = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
            throw new IllegalArgumentException(
                    "the model " + name + " does not take images of " + imageSize + " x " + imageSize + " pixels: "
                            + why,
                    e);
        }
    }

    @Override
    public void close() {
        encoder.close();
    }
}

package org.capi.eval.features;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.capi.data.arrow.ImageDataset;
import org.capi.savedmodels.Features;
import org.capi.savedmodels.VisionEncoder;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TFloat32;

/**
 * An encoder, and the checksum of the files that it was loaded from.
 *
 * @param name what reports call it: the last part of its path
 */
public record LoadedModel(String name, VisionEncoder encoder, String checksum) implements AutoCloseable {

    /** Loads any SavedModel whose default signature has the three outputs; another folder is refused by name. */
    public static LoadedModel open(Path folder) throws IOException {
        String name = String.valueOf(folder.toAbsolutePath().normalize().getFileName());
        VisionEncoder encoder = VisionEncoder.load(folder);
        try {
            return new LoadedModel(name, encoder, Checksums.ofModel(folder));
        } catch (IOException | RuntimeException e) {
            encoder.close();
            throw e;
        }
    }

    /** The checksum of a split's images, labels and classes. */
    public static String checksum(ImageDataset dataset) {
        return Checksums.ofDataset(dataset);
    }

    /**
     * What each representation is for one image of a size, found out with a black one; a size that the model does not
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
            Features features = encoder.encode(image);
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

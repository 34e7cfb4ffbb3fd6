package org.capi.eval.segment;

import org.capi.savedmodels.VisionEncoder;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TFloat32;

/** What an encoder makes of squares of a size, found out with a black one before there is much to lose. */
final class Resolution {

    private Resolution() {}

    /** The side of a patch in pixels. */
    static int patchSize(VisionEncoder encoder, int imageSize) {
        try (TFloat32 black = TFloat32.tensorOf(Shape.of(1, imageSize, imageSize, 3))) {
            Shape map = encoder.encode(black).featureMap().shape();
            long rows = map.get(1);
            if (rows < 1 || rows != map.get(2) || imageSize % rows != 0) {
                throw new IllegalArgumentException("image_size must be a multiple of the patch, but of " + imageSize
                        + " pixels the model makes " + rows + " x " + map.get(2) + " patches");
            }
            return Math.toIntExact(imageSize / rows);
        } catch (TensorFlowException e) {
            String said = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
            throw new IllegalArgumentException(
                    "image_size " + imageSize + " is one that the model refuses: " + said, e);
        }
    }
}

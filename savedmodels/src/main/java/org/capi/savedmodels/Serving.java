package org.capi.savedmodels;

import java.util.List;
import org.capi.graph.vit.FrozenEncoder;

/**
 * What an exported encoder offers besides its three outputs of images that are ready.
 *
 * @param imageSize the side of the square that is cut from encoded images, in pixels; a multiple of the patch
 * @param layers encoder layers whose feature maps are outputs of their own, each from 0 (the tokens that the encoder
 *     starts from) to its depth (its last block)
 */
record Serving(int imageSize, List<Integer> layers) {

    private static final int USUAL_SIZE = 224;

    Serving {
        layers = List.copyOf(layers);
    }

    /**
     * Checks what is asked of a model.
     *
     * @param imageSize the side of its training images; 0 if that is not known
     * @param layers counted from 0, or from -1 backwards
     */
    static Serving of(FrozenEncoder.Config config, int imageSize, List<Integer> layers) {
        int patch = config.patchSize();
        int known = imageSize < 1 ? USUAL_SIZE : imageSize;
        int side = Math.max(patch, known / patch * patch);
        return new Serving(
                side,
                layers.stream()
                        .map(layer -> resolve(layer, config.depth()))
                        .distinct()
                        .sorted()
                        .toList());
    }

    /** The name of the output of a layer. */
    static String output(int layer) {
        return "features_at_layer_" + layer;
    }

    private static int resolve(int layer, int depth) {
        if (layer < -depth - 1 || layer > depth) {
            throw new IllegalArgumentException("layers must be from 0 (the encoder's first tokens) to " + depth
                    + " (its last block), or from -1 (the last) to " + (-depth - 1) + " (the first tokens), one was "
                    + layer);
        }
        return Math.floorMod(layer, depth + 1);
    }
}

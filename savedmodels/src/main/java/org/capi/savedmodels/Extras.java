package org.capi.savedmodels;

import java.util.List;
import java.util.Map;

/**
 * What goes into an exported model besides the encoder and its weights.
 *
 * @param origin facts for the model card, such as the run, the step and {@link Export#IMAGE_SIZE}
 * @param layers encoder layers whose feature maps become outputs: from 0 (the tokens that it starts from) to its depth
 *     (its last block), or from -1 (the last block) backwards
 * @param assets further files, such as the configuration of the run
 */
public record Extras(Map<String, String> origin, List<Integer> layers, List<Asset> assets) {

    /** Keeps unmodifiable copies. */
    public Extras {
        origin = Map.copyOf(origin);
        layers = List.copyOf(layers);
        assets = List.copyOf(assets);
    }

    /** Nothing but facts for the model card. */
    public static Extras of(Map<String, String> origin) {
        return new Extras(origin, List.of(), List.of());
    }
}

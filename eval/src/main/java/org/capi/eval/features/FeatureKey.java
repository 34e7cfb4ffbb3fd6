package org.capi.eval.features;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * All that features depend on; equal keys, equal features.
 *
 * @param model the checksum of the model's files
 * @param dataset the checksum of the images with their labels
 * @param transform what was made of each image before it was encoded
 * @param representation what was kept of the outputs
 * @param imageSize side of the square that the encoder saw, in pixels
 */
public record FeatureKey(
        String model, String dataset, Transform transform, Representation representation, int imageSize) {

    /** Changed when the same key would give other features. */
    private static final String VERSION = "1";

    private static final int NAME_LENGTH = 16;

    /** As a file says it in its schema. */
    Map<String, String> notes() {
        Map<String, String> notes = new LinkedHashMap<>();
        notes.put("capi.version", VERSION);
        notes.put("capi.model", model);
        notes.put("capi.dataset", dataset);
        notes.put("capi.transform", transform.toString());
        notes.put("capi.representation", representation.toString());
        notes.put("capi.image_size", Integer.toString(imageSize));
        return Collections.unmodifiableMap(notes);
    }

    /** What the file of these features is called: other keys, other names. */
    String fileName() {
        MessageDigest sha = Checksums.sha256();
        notes().forEach((name, value) -> sha.update((name + "=" + value + "\n").getBytes(StandardCharsets.UTF_8)));
        String hash = HexFormat.of().formatHex(sha.digest()).substring(0, NAME_LENGTH);
        return representation + "-" + imageSize + "-" + hash + ".arrow";
    }
}

package org.capi.savedmodels.weights;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What the name of a network tells in the library birder, such as {@code rope_vit_reg8_so150m_p14_swiglu_rms_avg}: what the
 * shapes of its weights do not.
 *
 * @param parts of the name after its size, of those that are known here
 */
record BirderNetwork(String name, Size size, int patchSize, int registers, Set<String> parts) {

    private static final Pattern NAME =
            Pattern.compile("rope_vit_(?:reg(\\d{1,3})_)?([a-z]+|so\\d+m_p)(\\d{1,3})((?:_.*)?)");
    /** Gated layers, RMS norms, no learned positions of special tokens, and the mean of the patches for a whole image. */
    private static final Set<String> KNOWN = Set.of("swiglu", "rms", "nps", "avg");
    /** Parts that make another network of the same shapes, or of shapes that are not known here. */
    private static final Pattern OTHER =
            Pattern.compile("hmlp|bn|nape|pn|npn|nap|qkn|nf|soft|moe|ls|ap|aps|ep|eps|c\\d+|\\w*(elu|swish|act)|quick");

    private static final Map<String, Size> SIZES = Map.of(
            "t", new Size(192, 3),
            "s", new Size(384, 6),
            "m", new Size(512, 8),
            "b", new Size(768, 12),
            "l", new Size(1024, 16),
            "h", new Size(1280, 16),
            "so150m_p", new Size(896, 16),
            "so400m_p", new Size(1152, 16));

    /** The width that a size stands for, and its attention heads. */
    record Size(int dim, int heads) {}

    BirderNetwork {
        parts = Set.copyOf(parts);
    }

    /** Reads a name, with or without what a file's name adds to it; a network that is not known here is refused. */
    static BirderNetwork of(String name) {
        var matcher = NAME.matcher(name);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "which network of birder it is must be told by a name such as rope_vit_reg4_b14, was " + name);
        }
        Size size = SIZES.get(matcher.group(2));
        List<String> parts = Arrays.stream(matcher.group(4).split("_"))
                .filter(part -> !part.isEmpty())
                .takeWhile(part -> KNOWN.contains(part) || OTHER.matcher(part).matches())
                .toList();
        for (String part : parts) {
            if (!KNOWN.contains(part)) {
                throw new IllegalArgumentException(
                        "of birder's networks those with " + part + " are not known, was " + name);
            }
        }
        if (size == null) {
            throw new IllegalArgumentException("of birder's sizes " + matcher.group(2) + " is not known, was " + name);
        }
        String registers = matcher.group(1);
        return new BirderNetwork(
                name,
                size,
                Integer.parseInt(matcher.group(3)),
                registers == null ? 0 : Integer.parseInt(registers),
                Set.copyOf(parts));
    }
}

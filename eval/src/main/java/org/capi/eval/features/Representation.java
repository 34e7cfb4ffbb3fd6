package org.capi.eval.features;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.capi.savedmodels.Features;

/** How the outputs of an encoder become one vector for an image. */
public enum Representation {
    /** The mean of the patches' vectors. */
    AVG_PATCH {
        @Override
        float[][] of(Features features) {
            return Rows.meanOfPatches(features.featureMap());
        }
    },
    /** The global vector. */
    GLOBAL {
        @Override
        float[][] of(Features features) {
            return Rows.of(features.global());
        }
    },
    /** The global vector and behind it the mean of the patches' vectors. */
    BOTH {
        @Override
        float[][] of(Features features) {
            return Rows.beside(GLOBAL.of(features), AVG_PATCH.of(features));
        }
    };

    /** One row for each image of the batch. */
    abstract float[][] of(Features features);

    /** The representation of this name, such as {@code avg_patch}. */
    public static Representation named(String name) {
        for (Representation representation : values()) {
            if (representation.toString().equals(name)) {
                return representation;
            }
        }
        String known = Arrays.stream(values()).map(Representation::toString).collect(Collectors.joining(", "));
        throw new IllegalArgumentException("representation must be one of " + known + ", was " + name);
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}

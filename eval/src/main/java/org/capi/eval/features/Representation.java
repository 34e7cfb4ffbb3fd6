package org.capi.eval.features;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.capi.savedmodels.Features;

/** What is kept of the outputs of an encoder: one vector for an image, or several. */
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
    },
    /** The registers' vectors. */
    REGISTERS {
        @Override
        float[][] of(Features features) {
            return Rows.of(features.registers());
        }

        @Override
        FeatureShape shape(Features features, int values) {
            return sequence(features.registers().shape().get(1), values);
        }
    },
    /** All patches' vectors. */
    PATCHES {
        @Override
        float[][] of(Features features) {
            return Rows.of(features.featureMap());
        }

        @Override
        FeatureShape shape(Features features, int values) {
            long[] map = features.featureMap().shape().asArray();
            return new FeatureShape(Math.toIntExact(map[1]), Math.toIntExact(map[2]), Math.toIntExact(map[3]));
        }
    };

    /** The values for each image of the batch. */
    abstract float[][] of(Features features);

    /** The shape of so many values that stand for an image. */
    FeatureShape shape(Features features, int values) {
        return FeatureShape.vector(values);
    }

    /** Whether there are several vectors for an image. */
    public boolean severalVectors() {
        return this == REGISTERS || this == PATCHES;
    }

    /** Refuses several vectors for an image, for a probe that needs one. */
    public void checkOneVector() {
        if (severalVectors()) {
            throw new IllegalArgumentException(
                    "this evaluation needs one vector for an image, not the representation " + this);
        }
    }

    private static FeatureShape sequence(long vectors, int values) {
        if (vectors == 0) {
            throw new IllegalArgumentException("the model has no registers; another representation must be chosen");
        }
        return new FeatureShape(1, Math.toIntExact(vectors), Math.toIntExact(values / vectors));
    }

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

package org.capi.eval.rows;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What is done to features before a probe sees them, learned of the training set alone. */
public enum Standardization {
    /** Nothing. */
    NONE {
        @Override
        public Standardiser fit(FeatureRows train) {
            return (values, count, dim) -> {};
        }
    },
    /** Each column less its mean. */
    CENTER {
        @Override
        public Standardiser fit(FeatureRows train) {
            return new Affine(Moments.of(train).mean(), all(1, train.dim()));
        }
    },
    /** Each column less its mean, all divided by the deviation of all entries about the mean of all, plus 1e-8. */
    CENTER_DIV {
        @Override
        public Standardiser fit(FeatureRows train) {
            Moments moments = Moments.of(train);
            return new Affine(moments.mean(), all(moments.overall() + EPSILON, train.dim()));
        }
    },
    /** Each column less its mean, divided by its population deviation; a column that never changes by 1. */
    STANDARD {
        @Override
        public Standardiser fit(FeatureRows train) {
            Moments moments = Moments.of(train);
            return new Affine(moments.mean(), moments.deviations());
        }
    },
    /** Each column less its median, divided by the distance between its quartiles. */
    ROBUST {
        @Override
        public Standardiser fit(FeatureRows train) {
            Quartiles quartiles = Quartiles.of(train);
            return new Affine(quartiles.median(), quartiles.range());
        }
    },
    /** Turned to the principal axes; the entry of largest magnitude in each axis is positive. */
    PCA {
        @Override
        public Standardiser fit(FeatureRows train) {
            return Projection.of(Covariance.of(train), train.size(), Projection.Scale.KEPT);
        }
    },
    /** The same, each component divided by its deviation (with n - 1). */
    PCA_WHITEN {
        @Override
        public Standardiser fit(FeatureRows train) {
            return Projection.of(Covariance.of(train), train.size(), Projection.Scale.WHITENED);
        }
    };

    private static final double EPSILON = 1e-8;

    /** Learns of the training rows. */
    public abstract Standardiser fit(FeatureRows train);

    /** The one of this name, such as {@code standard}. */
    public static Standardization named(String name) {
        for (Standardization one : values()) {
            if (one.toString().equals(name)) {
                return one;
            }
        }
        String known = Arrays.stream(values()).map(Standardization::toString).collect(Collectors.joining(", "));
        throw new IllegalArgumentException("standardization must be one of " + known + ", was " + name);
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    private static double[] all(double value, int count) {
        double[] values = new double[count];
        Arrays.fill(values, value);
        return values;
    }
}

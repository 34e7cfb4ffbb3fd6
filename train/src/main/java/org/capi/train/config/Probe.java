package org.capi.train.config;

import java.util.Locale;

/** What a periodic evaluation measures. */
public enum Probe {
    /** The accuracy of nearest neighbours. */
    KNN,
    /** No number: pictures of the principal components of the test images' features. */
    PCA;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}

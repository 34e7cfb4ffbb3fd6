package org.capi.data;

/** Hears how far a long job has come. */
@FunctionalInterface
public interface Progress {

    /** {@code done} of {@code total} pieces are ready. */
    void at(long done, long total);
}

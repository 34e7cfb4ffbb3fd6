package org.capi.data;

/** Hears how far a long job has come. */
@FunctionalInterface
public interface Progress {

    /** {@code done} of {@code total} pieces are ready. */
    void at(long done, long total);

    /** {@code done} pieces were ready before the job began, so that they say nothing about its speed. */
    default void from(long done, long total) {
        at(done, total);
    }
}

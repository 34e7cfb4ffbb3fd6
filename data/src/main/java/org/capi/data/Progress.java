package org.capi.data;

/** Receives the progress of a long job. */
@FunctionalInterface
public interface Progress {

    /** {@code done} of {@code total} items are complete. */
    void at(long done, long total);

    /** {@code done} items were complete before the job started and must not count for its speed. */
    default void from(long done, long total) {
        at(done, total);
    }
}

package org.capi.eval.features;

import org.capi.data.Progress;

/** Reports the progress of a job of several parts. */
@FunctionalInterface
public interface JobProgress {

    /** Starts a part of the job, such as {@code train}. */
    Progress part(String name);

    /** Reports nothing. */
    static JobProgress none() {
        return part -> (done, total) -> {};
    }
}

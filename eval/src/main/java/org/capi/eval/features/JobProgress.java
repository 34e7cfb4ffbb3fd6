package org.capi.eval.features;

import org.capi.data.Progress;

/** Hears how far a job of several parts has come. */
@FunctionalInterface
public interface JobProgress {

    /** Begins a part of the job, such as {@code train}. */
    Progress part(String name);

    /** Nobody listens. */
    static JobProgress unheard() {
        return part -> (done, total) -> {};
    }
}

package org.capi.train.evals;

import java.util.Locale;
import org.capi.train.config.Evaluation;

/** An evaluation of the weights after a step. */
record DueEvaluation(long step, int place, Evaluation evaluation) {

    /** What its folder is called: {@code step-0001000-teacher-knn}, with its place in the list if it is not the first. */
    String name() {
        return String.format(Locale.ROOT, "step-%07d-%s-%s", step, evaluation.weights(), evaluation.probe())
                + (place == 0 ? "" : "-" + (place + 1));
    }
}

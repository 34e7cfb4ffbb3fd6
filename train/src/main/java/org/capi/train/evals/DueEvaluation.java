package org.capi.train.evals;

import java.util.Locale;
import java.util.regex.Pattern;
import org.capi.train.config.Evaluation;

/** An evaluation of the weights after a step. */
record DueEvaluation(long step, int place, Evaluation evaluation) {

    private static final Pattern NAME = Pattern.compile("step-\\d{7,18}-[a-z]+-[a-z]+(-\\d{1,9})?");

    /** Whether a text has the form of {@link #name}. */
    static boolean isName(String text) {
        return NAME.matcher(text).matches();
    }

    /** What its folder is called: {@code step-0001000-teacher-knn}, with its place in the list if it is not the first. */
    String name() {
        return String.format(Locale.ROOT, "step-%07d-%s-%s", step, evaluation.weights(), evaluation.probe())
                + (place == 0 ? "" : "-" + (place + 1));
    }
}

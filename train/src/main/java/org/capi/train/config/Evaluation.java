package org.capi.train.config;

import org.capi.data.arrow.DatasetPath;

/**
 * One evaluation that a run makes of itself now and then.
 *
 * @param every steps between two of them
 * @param train the labelled images that the probe learns from; not read by {@code pca}
 * @param test the labelled images that it is judged by, or that are drawn
 */
public record Evaluation(int every, Weights weights, Probe probe, String train, String test) {

    public Evaluation {
        Rule.atLeast("evals.every", 1, every);
        Rule.check(probe == Probe.PCA || !train.isBlank(), "evals.train", "must name a folder", "empty");
        Rule.check(!test.isBlank(), "evals.test", "must name a folder", "empty");
    }

    private static String absolute(String data) {
        return data.isBlank() ? data : DatasetPath.parse(data).absolute();
    }

    /** The same with paths that any working directory understands. */
    Evaluation withAbsolutePaths() {
        return new Evaluation(every, weights, probe, absolute(train), absolute(test));
    }
}

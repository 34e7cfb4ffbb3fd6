package org.capi.eval.knn;

import java.util.Locale;
import org.capi.data.Require;
import org.capi.eval.features.FeatureTable;
import org.capi.eval.search.ExactKnn.Distance;
import org.capi.eval.search.Neighbours;

/**
 * The class that most of an image's nearest neighbours have, by votes of weight {@code exp(cosine / temperature)} (Wu
 * et al. 2018) or of one each; the smallest label wins a tie.
 *
 * @param k the neighbours that vote
 */
public record KnnClassifier(int k, double temperature, Distance metric, Vote vote) {

    /** As papers report it: 20 neighbours, temperature 0.07. */
    public static final KnnClassifier STANDARD = new KnnClassifier(20, 0.07);

    /** By the cosine, votes weighted. */
    public KnnClassifier(int k, double temperature) {
        this(k, temperature, Distance.COSINE, Vote.WEIGHTED);
    }

    public KnnClassifier {
        if (metric != Distance.COSINE && vote == Vote.WEIGHTED) {
            throw new IllegalArgumentException(
                    "votes are weighted by the cosine; vote must be plain where metric is " + metric);
        }
        Require.atLeastOne("k", k);
        if (!(temperature > 0)) {
            throw new IllegalArgumentException("temperature must be greater than 0, was " + temperature);
        }
    }

    /** The weight of each neighbour's vote. */
    public enum Vote {
        /** {@code exp(cosine / temperature)}. */
        WEIGHTED,
        /** One each. */
        PLAIN;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    void check(long trainImages) {
        if (k > trainImages) {
            throw new IllegalArgumentException(
                    "k must be at most the number of labelled training images, " + trainImages + ", was " + k);
        }
    }

    /** The label of each query by its first {@code k} neighbours, of which there may be more. */
    int[] vote(Neighbours nearest, FeatureTable train) {
        int[] labels = new int[nearest.queries()];
        for (int query = 0; query < labels.length; query++) {
            double[] votes = new double[train.classes().size()];
            for (int i = 0; i < k; i++) {
                double weight = vote == Vote.PLAIN ? 1 : Math.exp((1 - nearest.distance(query, i)) / temperature);
                votes[train.label(nearest.row(query, i))] += weight;
            }
            for (int label = 1; label < votes.length; label++) {
                if (votes[label] > votes[labels[query]]) {
                    labels[query] = label;
                }
            }
        }
        return labels;
    }
}

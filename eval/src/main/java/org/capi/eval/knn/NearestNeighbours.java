package org.capi.eval.knn;

import org.capi.eval.features.FeatureTable;
import org.capi.eval.search.Metric;
import org.capi.eval.search.Nearest;

/**
 * The class that most of an image's nearest neighbours have, by votes of weight {@code exp(cosine / temperature)} (Wu
 * et al. 2018) or of one each; the smallest label wins a tie.
 *
 * @param k the neighbours that vote
 */
public record NearestNeighbours(int k, double temperature, Metric metric, Vote vote) {

    /** As papers report it: 20 neighbours, temperature 0.07. */
    public static final NearestNeighbours STANDARD = new NearestNeighbours(20, 0.07);

    /** By the cosine, votes weighted. */
    public NearestNeighbours(int k, double temperature) {
        this(k, temperature, Metric.COSINE, Vote.WEIGHTED);
    }

    public NearestNeighbours {
        if (metric != Metric.COSINE && vote == Vote.WEIGHTED) {
            throw new IllegalArgumentException(
                    "votes are weighted by the cosine; vote must be plain where metric is " + metric);
        }
        if (k < 1) {
            throw new IllegalArgumentException("k must be at least 1, was " + k);
        }
        if (!(temperature > 0)) {
            throw new IllegalArgumentException("temperature must be greater than 0, was " + temperature);
        }
    }

    /** Refuses a training set that has fewer images than neighbours are asked for. */
    void check(long trainImages) {
        if (k > trainImages) {
            throw new IllegalArgumentException(
                    "k must be at most the number of labelled training images, " + trainImages + ", was " + k);
        }
    }

    /** The label that each query is given by its first {@code k} neighbours, of which there may be more. */
    int[] vote(Nearest nearest, FeatureTable train) {
        int[] labels = new int[nearest.queries()];
        for (int query = 0; query < labels.length; query++) {
            double[] votes = new double[train.classes().size()];
            for (int i = 0; i < k; i++) {
                double weight = vote == Vote.PLAIN ? 1 : Math.exp((1 - nearest.distance(query, i)) / temperature);
                votes[train.label(nearest.row(query, i))] += weight;
            }
            labels[query] = smallestOfTheLargest(votes);
        }
        return labels;
    }

    private static int smallestOfTheLargest(double[] votes) {
        int best = 0;
        for (int label = 1; label < votes.length; label++) {
            if (votes[label] > votes[best]) {
                best = label;
            }
        }
        return best;
    }
}

package org.capi.eval.knn;

import java.util.ArrayList;
import java.util.List;
import org.capi.eval.features.FeatureTable;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.types.TFloat32;

/**
 * The class that most of an image's nearest neighbours have, by votes of weight {@code exp(cosine / temperature)} (Wu
 * et al. 2018) or of one each; the smallest label wins a tie.
 *
 * @param k the neighbours that vote
 */
public record NearestNeighbours(int k, double temperature, Likeness likeness, Vote vote) {

    /** As papers report it: 20 neighbours, temperature 0.07. */
    public static final NearestNeighbours STANDARD = new NearestNeighbours(20, 0.07);

    private static final int QUERIES_AT_ONCE = 512;
    private static final int KEYS_AT_ONCE = 16384;

    /** By the cosine, votes weighted. */
    public NearestNeighbours(int k, double temperature) {
        this(k, temperature, Likeness.COSINE, Vote.WEIGHTED);
    }

    public NearestNeighbours {
        if (likeness != Likeness.COSINE && vote == Vote.WEIGHTED) {
            throw new IllegalArgumentException(
                    "votes are weighted by the cosine; vote must be plain where likeness is " + likeness);
        }
        if (k < 1) {
            throw new IllegalArgumentException("k must be at least 1, was " + k);
        }
        if (!(temperature > 0)) {
            throw new IllegalArgumentException("temperature must be greater than 0, was " + temperature);
        }
    }

    /** Refuses a training set that has fewer images than neighbours are asked for. */
    public void check(long trainImages) {
        if (k > trainImages) {
            throw new IllegalArgumentException(
                    "k must be at most the number of labelled training images, " + trainImages + ", was " + k);
        }
    }

    /** Judges the test images by the training images. */
    public KnnResult judge(FeatureTable train, FeatureTable test, String representation) {
        int[] named = classify(train, test);
        FeatureTable truth = test.labelledBy(train.classes());
        int right = 0;
        for (int i = 0; i < named.length; i++) {
            right += named[i] == truth.label(i) ? 1 : 0;
        }
        int classes = train.classes().size();
        return new KnnResult((double) right / named.length, k, representation, classes, train.size(), test.size());
    }

    /** The label that each test image is given. */
    public int[] classify(FeatureTable train, FeatureTable test) {
        return classify(train, test, KEYS_AT_ONCE);
    }

    int[] classify(FeatureTable train, FeatureTable test, int keysAtOnce) {
        check(train.size());
        int[] labels = new int[test.size()];
        List<TFloat32> keys = new ArrayList<>();
        try (var neighbours = new Neighbours(k, train.dim(), likeness)) {
            for (int from = 0; from < train.size(); from += keysAtOnce) {
                keys.add(rows(train, from, Math.min(keysAtOnce, train.size() - from)));
            }
            for (int from = 0; from < test.size(); from += QUERIES_AT_ONCE) {
                int count = Math.min(QUERIES_AT_ONCE, test.size() - from);
                try (TFloat32 queries = rows(test, from, count);
                        var nearest = neighbours.among(queries, keys, keysAtOnce)) {
                    vote(nearest, train, labels, from);
                }
            }
        } finally {
            keys.forEach(TFloat32::close);
        }
        return labels;
    }

    private void vote(Neighbours.Nearest nearest, FeatureTable train, int[] labels, int from) {
        int count = Math.toIntExact(nearest.likeness().shape().get(0));
        float[] values = new float[count * k];
        int[] rows = new int[count * k];
        nearest.likeness().asRawTensor().data().asFloats().read(values);
        nearest.rows().asRawTensor().data().asInts().read(rows);
        for (int query = 0; query < count; query++) {
            double[] votes = new double[train.classes().size()];
            for (int i = query * k; i < (query + 1) * k; i++) {
                votes[train.label(rows[i])] += vote == Vote.PLAIN ? 1 : Math.exp(values[i] / temperature);
            }
            labels[from + query] = smallestOfTheLargest(votes);
        }
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

    /** Rows, scaled to length 1 for the cosine; a row of zeros stays one and is at cosine 0 from all. */
    private TFloat32 rows(FeatureTable table, int from, int count) {
        int dim = table.dim();
        float[] values = new float[count * dim];
        for (int i = 0; i < count; i++) {
            float[] row = table.row(from + i);
            double squares = 0;
            for (float value : row) {
                squares += (double) value * value;
            }
            double scale = likeness == Likeness.L2 ? 1 : squares > 0 ? 1 / Math.sqrt(squares) : 0;
            for (int d = 0; d < dim; d++) {
                values[i * dim + d] = (float) (row[d] * scale);
            }
        }
        return TFloat32.tensorOf(Shape.of(count, dim), DataBuffers.of(values, true, false));
    }
}

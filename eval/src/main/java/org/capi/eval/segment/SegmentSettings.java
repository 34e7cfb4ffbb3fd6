package org.capi.eval.segment;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.IntStream;
import org.capi.data.Require;
import org.capi.eval.features.Confusion;
import org.capi.eval.rows.Standardization;
import org.capi.eval.search.ExactKnn.Distance;

/**
 * What the segmentation probes try, and on what.
 *
 * @param probes in the order in which they are reported
 * @param neighbours numbers of neighbours to try, with each of the metrics
 * @param cs weights of the losses to try in logistic regression
 * @param every the probes are fitted on every so many-th patch
 * @param ignored labels of pixels that do not count
 * @param tolerance of the mean objective's gradient in logistic regression
 */
public record SegmentSettings(
        List<Probe> probes,
        List<Integer> neighbours,
        List<Distance> metrics,
        List<Double> cs,
        Standardization standardization,
        int every,
        Set<Integer> ignored,
        double tolerance,
        int maxIterations,
        long seed,
        int threads) {

    /** As the reference does it: {@code 10^linspace(-6, 5, 8)}. */
    public static final List<Double> CS =
            IntStream.range(0, 8).mapToObj(i -> Math.pow(10, -6 + 11.0 * i / 7)).toList();

    /** The largest entry of the mean objective's gradient at which logistic regression has converged. */
    public static final double TOLERANCE = 1e-5;

    /** Steps after which logistic regression stops. */
    public static final int MAX_ITERATIONS = 1000;

    /** A classifier of patches. */
    public enum Probe {
        /** The votes of the nearest training patches, pixel by pixel. */
        KNN,
        /** A linear classifier of the patches' most frequent labels. */
        LOGISTIC;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public SegmentSettings {
        probes = probes.stream().distinct().toList();
        neighbours = neighbours.stream().distinct().toList();
        metrics = metrics.stream().distinct().toList();
        cs = cs.stream().distinct().toList();
        ignored = Set.copyOf(ignored);
        require(!probes.isEmpty(), "probe must name at least one of knn, logistic");
        require(
                !neighbours.isEmpty() && neighbours.stream().allMatch(k -> k > 0),
                "k must be at least 1, was " + neighbours);
        require(!metrics.isEmpty(), "metric must name at least one of cosine, l2");
        require(
                !cs.isEmpty() && cs.stream().allMatch(c -> c > 0 && Double.isFinite(c)),
                "c must be greater than 0, was " + cs);
        Require.atLeastOne("subsample", every);
        require(
                ignored.stream().allMatch(label -> label >= 0 && label < Confusion.LABELS),
                "ignore must be in 0 to 255, was " + ignored);
        require(tolerance > 0, "tolerance must be greater than 0, was " + tolerance);
        Require.atLeastOne("max_iterations", maxIterations);
        Require.atLeastOne("threads", threads);
    }

    private static void require(boolean met, String rule) {
        if (!met) {
            throw new IllegalArgumentException(rule);
        }
    }
}

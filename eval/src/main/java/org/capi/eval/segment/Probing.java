package org.capi.eval.segment;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.capi.eval.features.JobProgress;
import org.capi.eval.rows.FeatureRows;
import org.capi.eval.search.Metric;
import org.capi.eval.search.Nearest;
import org.capi.eval.search.NearestRows;
import org.capi.eval.search.Precision;

/** One probe: every point of its grid fitted on some patches and asked about others. */
sealed interface Probing {

    /** A point of the grid, by the names of its keys. */
    record Point(Map<String, Object> parameters) {}

    /** The points, in the order in which the first of the best is chosen. */
    List<Point> grid();

    /** What each point makes of the asked patches. */
    List<PatchLabels> predict(List<Point> points, Patches fitted, FeatureRows asked, JobProgress progress);

    /** The probe of this kind. */
    static Probing of(SegmentSettings.Probe probe, SegmentSettings settings) {
        return probe == SegmentSettings.Probe.KNN ? new ByNeighbours(settings) : new ByRegression(settings);
    }

    /** Neighbours outer, metric inner; one search for each metric finds the neighbours of every number. */
    record ByNeighbours(SegmentSettings settings) implements Probing {

        private static final String K = "k";
        private static final String METRIC = "metric";

        @Override
        public List<Point> grid() {
            List<Point> points = new ArrayList<>();
            for (int k : settings.neighbours()) {
                for (Metric metric : settings.metrics()) {
                    points.add(point(k, metric));
                }
            }
            return points;
        }

        @Override
        public List<PatchLabels> predict(
                List<Point> points, Patches fitted, FeatureRows asked, JobProgress progress) {
            Map<Metric, Integer> most = new EnumMap<>(Metric.class);
            points.forEach(point -> most.merge(metric(point), k(point), Math::max));
            Map<Metric, Nearest> found = new EnumMap<>(Metric.class);
            most.forEach((metric, k) -> found.put(
                    metric,
                    new NearestRows(k, metric, Precision.ofThisMachine(), settings.threads())
                            .among(fitted.features(), asked, progress.part("searching by " + metric))));
            return points.stream()
                    .map(point -> PatchKnn.vote(found.get(metric(point)), k(point), fitted.labels()))
                    .toList();
        }

        private static Point point(int k, Metric metric) {
            Map<String, Object> parameters = new LinkedHashMap<>();
            parameters.put(K, k);
            parameters.put(METRIC, metric.toString());
            return new Point(parameters);
        }

        private static int k(Point point) {
            return (Integer) point.parameters().get(K);
        }

        private static Metric metric(Point point) {
            return Metric.named(String.valueOf(point.parameters().get(METRIC)));
        }
    }

    /** From the strongest penalty to the weakest, each fit beginning at the end of the last. */
    record ByRegression(SegmentSettings settings) implements Probing {

        private static final String C = "c";

        @Override
        public List<Point> grid() {
            return settings.cs().stream().map(c -> new Point(Map.of(C, c))).toList();
        }

        @Override
        public List<PatchLabels> predict(
                List<Point> points, Patches fitted, FeatureRows asked, JobProgress progress) {
            Map<Double, PatchLabels> predicted = new TreeMap<>();
            points.forEach(point -> predicted.put(c(point), new PatchLabels(new byte[1], 1)));
            byte[] modes = fitted.labels().modes();
            var part = progress.part("fitting");
            try (var regression = new LogisticRegression(
                    fitted.features(), modes, settings.tolerance(), settings.maxIterations(), settings.threads())) {
                int done = 0;
                for (var entry : predicted.entrySet()) {
                    byte[] labels = regression.fit(entry.getKey()).predict(asked);
                    entry.setValue(PatchLabels.even(labels, fitted.labels().pixels()));
                    part.at(++done, predicted.size());
                }
            }
            return points.stream().map(point -> predicted.get(c(point))).toList();
        }

        private static double c(Point point) {
            return (Double) point.parameters().get(C);
        }
    }
}

package org.capi.eval.segment;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.capi.eval.features.JobProgress;
import org.capi.eval.rows.FeatureRows;
import org.capi.eval.rows.StoredBytes;
import org.capi.eval.search.Metric;
import org.capi.eval.search.NearestRows;
import org.capi.eval.search.Precision;

/**
 * Probes that are fitted on some patches and asked about others, at every point of a grid in one go.
 *
 * @param scratch a folder for temporary files of predictions
 */
record Probing(SegmentSettings settings, Path scratch) {

    /** Neighbours are kept, and labels predicted, for so many queries and labels at a time. */
    private static final int QUERIES_AT_ONCE = 1 << 18;

    private static final int LABELS_AT_ONCE = 1 << 26;

    /** The points of a probe, in the order in which the first of the best is chosen. */
    List<GridPoint> grid(SegmentSettings.Probe probe) {
        List<GridPoint> points = new ArrayList<>();
        if (probe == SegmentSettings.Probe.LOGISTIC) {
            settings.cs().forEach(c -> points.add(new GridPoint.Weight(c)));
            return points;
        }
        for (int k : settings.neighbours()) {
            for (Metric metric : settings.metrics()) {
                points.add(new GridPoint.Neighbours(k, metric));
            }
        }
        return points;
    }

    /** What each point makes of the asked patches. */
    List<PatchLabels> predict(List<GridPoint> points, Patches fitted, FeatureRows asked, JobProgress progress)
            throws IOException {
        PatchLabels[] predicted = new PatchLabels[points.size()];
        for (Metric metric : Metric.values()) {
            byNeighbours(metric, points, fitted, asked, progress, predicted);
        }
        byRegression(points, fitted, asked, progress, predicted);
        return List.of(predicted);
    }

    /** One search finds the neighbours of every number. */
    private void byNeighbours(
            Metric metric,
            List<GridPoint> points,
            Patches fitted,
            FeatureRows asked,
            JobProgress progress,
            PatchLabels[] predicted)
            throws IOException {
        Map<Integer, GridPoint.Neighbours> here = new TreeMap<>();
        for (int i = 0; i < predicted.length; i++) {
            if (points.get(i) instanceof GridPoint.Neighbours point && point.metric() == metric) {
                here.put(i, point);
            }
        }
        if (here.isEmpty()) {
            return;
        }
        int most =
                here.values().stream().mapToInt(GridPoint.Neighbours::k).max().orElseThrow();
        var search = new NearestRows(most, metric, Precision.ofThisMachine(), settings.threads());
        var part = progress.part("searching by " + metric);
        int pixels = fitted.labels().pixels();
        int atOnce = Math.max(1, Math.min(QUERIES_AT_ONCE, LABELS_AT_ONCE / pixels));
        Map<Integer, StoredBytes.Writer> writers = new LinkedHashMap<>();
        try {
            here.keySet().forEach(i -> writers.put(i, new StoredBytes.Writer(scratch)));
            for (int from = 0; from < asked.size(); from += atOnce) {
                int first = from;
                int count = Math.min(atOnce, asked.size() - from);
                FeatureRows queries =
                        asked.only(IntStream.range(from, from + count).toArray());
                var nearest = search.among(
                        fitted.features(),
                        queries,
                        (done, total) -> part.at(first + count * done / total, asked.size()));
                for (var writer : writers.entrySet()) {
                    int k = Objects.requireNonNull(here.get(writer.getKey())).k();
                    writer.getValue()
                            .append(PatchKnn.vote(nearest, k, fitted.labels()).values());
                }
            }
            for (var writer : writers.entrySet()) {
                predicted[writer.getKey()] = PatchLabels.of(writer.getValue().finish(), pixels);
            }
        } finally {
            for (StoredBytes.Writer writer : writers.values()) {
                writer.close();
            }
        }
    }

    /** In the order of the grid, each fit beginning at the end of the last. */
    private void byRegression(
            List<GridPoint> points, Patches fitted, FeatureRows asked, JobProgress progress, PatchLabels[] predicted) {
        if (points.stream().noneMatch(GridPoint.Weight.class::isInstance)) {
            return;
        }
        var part = progress.part("fitting");
        try (var regression = new LogisticRegression(
                fitted.features(),
                fitted.labels().modes(),
                settings.tolerance(),
                settings.maxIterations(),
                settings.threads())) {
            for (int i = 0; i < predicted.length; i++) {
                if (points.get(i) instanceof GridPoint.Weight weight) {
                    byte[] labels = regression.fit(weight.c()).predict(asked);
                    predicted[i] = PatchLabels.even(labels, fitted.labels().pixels());
                    part.at(i + 1, predicted.length);
                }
            }
        }
    }
}

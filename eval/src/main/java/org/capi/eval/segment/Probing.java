package org.capi.eval.segment;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.capi.eval.features.JobProgress;
import org.capi.eval.rows.FeatureRows;
import org.capi.eval.search.Metric;
import org.capi.eval.search.NearestRows;
import org.capi.eval.search.Precision;

/** Probes that are fitted on some patches and asked about others, at every point of a grid in one go. */
record Probing(SegmentSettings settings) {

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
    List<PatchLabels> predict(List<GridPoint> points, Patches fitted, FeatureRows asked, JobProgress progress) {
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
            PatchLabels[] predicted) {
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
        var nearest = new NearestRows(most, metric, Precision.ofThisMachine(), settings.threads())
                .among(fitted.features(), asked, progress.part("searching by " + metric));
        here.forEach((i, point) -> predicted[i] = PatchKnn.vote(nearest, point.k(), fitted.labels()));
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

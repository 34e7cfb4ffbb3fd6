package org.capi.eval.segment;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.capi.eval.features.Confusion;
import org.capi.eval.features.JobProgress;
import org.capi.eval.rows.FeatureRows;
import org.capi.eval.rows.FeatureRows.FloatRows;
import org.capi.eval.rows.Standardization;
import org.capi.eval.rows.StoredBytes;
import org.capi.eval.search.ExactKnn;
import org.capi.eval.search.ExactKnn.Distance;
import org.capi.eval.search.ExactKnn.Precision;
import org.capi.eval.search.Neighbours;
import org.capi.eval.segment.SegmentSettings.Probe;
import org.jspecify.annotations.Nullable;

/**
 * The segmentation probes from patches to scores: each point of a grid is fitted on nine tenths of the training images
 * and scored on the others, the first of the best is fitted again on all of them and scored on the test images once.
 * Features are standardized by the nine tenths.
 *
 * @param classes the names of the labels
 * @param patchesOfEach patches of an image
 * @param scratch a folder for temporary files
 */
record SegmentEvaluation(SegmentSettings settings, List<String> classes, int patchesOfEach, Path scratch) {

    /** Standardized features are kept when they take no more than this part of the Java heap. */
    private static final int SHARE_OF_HEAP = 4;

    private static final int MAX_VOTES = 1 << 30;

    /** Neighbours are kept, and labels predicted, for so many queries and labels at a time. */
    private static final int QUERIES_AT_ONCE = 1 << 18;

    private static final int LABELS_AT_ONCE = 1 << 26;

    SegmentEvaluation {
        classes = List.copyOf(classes);
    }

    /** Hyper-parameters: k and metric of k-NN; where there is no metric, C of logistic regression. */
    private record GridPoint(int k, @Nullable Distance metric, double c) {

        Map<String, Object> parameters() {
            Map<String, Object> parameters = new LinkedHashMap<>();
            if (metric == null) {
                parameters.put("c", c);
            } else {
                parameters.put("k", k);
                parameters.put("metric", metric.toString());
            }
            return parameters;
        }
    }

    /** The score of a probe and its predictions for the test images. */
    record ProbeOutcome(SegmentResult.SegmentProbeResult result, PatchLabels predicted, Confusion confusion) {}

    /** Refuses what cannot be searched, and sets of which no pixel counts, before anything is computed. */
    void check(PatchLabels train, PatchLabels test) {
        var notComputedYet = new FeatureRows.View(train.size(), 1, (from, count, into, at) -> {
            throw new IllegalStateException("these features are not computed yet");
        });
        List<Patches> parts = split(new Patches(notComputedYet, train));
        int kept = toFit(parts.get(0)).size();
        checkCounted(test, "test images");
        if (parts.size() > 1) {
            checkCounted(parts.get(1).labels(), "training images that are held out to choose by");
        }
        if (settings.probes().contains(Probe.KNN)) {
            int maxK = settings.neighbours().stream()
                    .mapToInt(Integer::intValue)
                    .max()
                    .orElseThrow();
            if ((long) maxK * train.pixels() > MAX_VOTES) {
                throw new IllegalArgumentException("k times the pixels of a patch must be at most " + MAX_VOTES
                        + ", was " + maxK + " times " + train.pixels());
            }
            if (maxK > kept) {
                throw new IllegalArgumentException(
                        "k must be at most the number of training patches that are kept, " + kept + ", was " + maxK);
            }
        }
    }

    private void checkCounted(PatchLabels labels, String what) {
        byte[] pixels = new byte[labels.pixels()];
        for (int patch = 0; patch < labels.size(); patch++) {
            labels.read(patch, pixels, 0);
            for (byte label : pixels) {
                if (!settings.ignored().contains(Byte.toUnsignedInt(label))) {
                    return;
                }
            }
        }
        throw new IllegalArgumentException("no pixel of the " + what
                + " counts: the label of each is among the ignored " + new TreeSet<>(settings.ignored()));
    }

    List<ProbeOutcome> evaluate(Patches train, Patches test, JobProgress progress) throws IOException {
        List<Patches> parts = split(train);
        var standardization = settings.standardization().fit(parts.get(0).features());
        List<Patches> standard =
                parts.stream().map(part -> standardized(part, standardization)).toList();
        Patches standardTest = standardized(test, standardization);
        List<ProbeOutcome> outcomes = new ArrayList<>();
        for (Probe probe : settings.probes()) {
            outcomes.add(evaluate(probe, standard, standardTest, part -> progress.part(probe + ": " + part)));
        }
        return outcomes;
    }

    private ProbeOutcome evaluate(Probe probe, List<Patches> train, Patches test, JobProgress progress)
            throws IOException {
        List<GridPoint> points = grid(probe);
        List<SegmentResult.GridScore> scores = new ArrayList<>();
        var chosen = points.get(0);
        Patches all = train.get(0);
        if (train.size() > 1) {
            Patches heldOut = train.get(1);
            var predicted = predict(points, toFit(all), heldOut.features(), part -> progress.part(part + " to choose"));
            int best = 0;
            for (int i = 0; i < points.size(); i++) {
                Confusion confusion = confusion(heldOut, predicted.get(i));
                scores.add(new SegmentResult.GridScore(
                        points.get(i).parameters(), confusion.meanUnion(), confusion.accuracy()));
                best = scores.get(i).meanIou() > scores.get(best).meanIou() ? i : best;
            }
            chosen = points.get(best);
            all = all.and(heldOut);
        }
        PatchLabels predicted =
                predict(List.of(chosen), toFit(all), test.features(), progress).get(0);
        Confusion confusion = confusion(test, predicted);
        Map<String, Double> unions = new LinkedHashMap<>();
        confusion
                .unions()
                .forEach((label, union) -> unions.put(confusion.classes().get(label), union));
        var result = new SegmentResult.SegmentProbeResult(
                probe.toString(),
                chosen.parameters(),
                confusion.meanUnion(),
                confusion.meanUnionOfCounted(),
                confusion.accuracy(),
                unions,
                scores);
        return new ProbeOutcome(result, predicted, confusion.present());
    }

    /** The points of a probe, in the order in which the first of the best is chosen. */
    private List<GridPoint> grid(Probe probe) {
        List<GridPoint> points = new ArrayList<>();
        if (probe == Probe.LOGISTIC) {
            settings.cs().forEach(c -> points.add(new GridPoint(0, null, c)));
        } else {
            settings.neighbours()
                    .forEach(k -> settings.metrics().forEach(metric -> points.add(new GridPoint(k, metric, 0))));
        }
        return points;
    }

    /** Nine tenths and one, or all where no grid has several points to choose from. */
    private List<Patches> split(Patches train) {
        return settings.probes().stream().anyMatch(probe -> grid(probe).size() > 1)
                ? train.split(patchesOfEach, settings.seed())
                : List.of(train);
    }

    private Patches toFit(Patches train) {
        return train.toFit(settings.every(), settings.ignored());
    }

    private static Patches standardized(Patches patches, Standardization.Fitted standardization) {
        FeatureRows rows = standardization.of(patches.features());
        long bytes = (long) rows.size() * rows.dim() * Float.BYTES;
        boolean kept = bytes <= Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP && bytes <= Integer.MAX_VALUE;
        return new Patches(kept ? new FloatRows(rows.toArray(), rows.dim()) : rows, patches.labels());
    }

    private Confusion confusion(Patches truth, PatchLabels predicted) {
        return truth.labels().compare(predicted, Confusion.ofPixels(classes, settings.ignored()));
    }

    private List<PatchLabels> predict(List<GridPoint> points, Patches fitted, FeatureRows queries, JobProgress progress)
            throws IOException {
        PatchLabels[] predicted = new PatchLabels[points.size()];
        if (points.get(0).metric == null) {
            byRegression(points, fitted, queries, progress, predicted);
        }
        for (Distance metric : Distance.values()) {
            int[] here = IntStream.range(0, predicted.length)
                    .filter(i -> points.get(i).metric == metric)
                    .toArray();
            if (here.length > 0) {
                byNeighbours(metric, points, here, fitted, queries, progress, predicted);
            }
        }
        return List.of(predicted);
    }

    /** One search finds the neighbours of every k of the points with these indices. */
    private void byNeighbours(
            Distance metric,
            List<GridPoint> points,
            int[] here,
            Patches fitted,
            FeatureRows queries,
            JobProgress progress,
            PatchLabels[] predicted)
            throws IOException {
        int maxK = IntStream.of(here).map(i -> points.get(i).k).max().orElseThrow();
        var search = new ExactKnn(maxK, metric, Precision.ofThisMachine(), settings.threads());
        var part = progress.part("searching by " + metric);
        int pixels = fitted.labels().pixels();
        int atOnce = Math.max(1, Math.min(QUERIES_AT_ONCE, LABELS_AT_ONCE / pixels));
        List<StoredBytes.Writer> writers = new ArrayList<>();
        try {
            IntStream.of(here).forEach(i -> writers.add(new StoredBytes.Writer(scratch)));
            for (int from = 0; from < queries.size(); from += atOnce) {
                int first = from;
                int count = Math.min(atOnce, queries.size() - from);
                Neighbours nearest = search.among(
                        fitted.features(),
                        queries.only(IntStream.range(from, from + count).toArray()),
                        (done, total) -> part.at(first + count * done / total, queries.size()));
                for (int i = 0; i < here.length; i++) {
                    int k = points.get(here[i]).k;
                    writers.get(i)
                            .append(PatchLabels.vote(nearest, k, fitted.labels())
                                    .values());
                }
            }
            for (int i = 0; i < here.length; i++) {
                predicted[here[i]] = PatchLabels.of(writers.get(i).finish(), pixels);
            }
        } finally {
            for (StoredBytes.Writer writer : writers) {
                writer.close();
            }
        }
    }

    /** In the order of the grid, each fit starting at the end of the last. */
    private void byRegression(
            List<GridPoint> points,
            Patches fitted,
            FeatureRows queries,
            JobProgress progress,
            PatchLabels[] predicted) {
        var part = progress.part("fitting");
        try (var regression = new LogisticRegression(
                fitted.features(),
                fitted.labels().modes(),
                settings.tolerance(),
                settings.maxIterations(),
                settings.threads())) {
            for (int i = 0; i < predicted.length; i++) {
                byte[] labels = regression.fit(points.get(i).c).predict(queries);
                predicted[i] = PatchLabels.even(labels, fitted.labels().pixels());
                part.at(i + 1, predicted.length);
            }
        }
    }
}

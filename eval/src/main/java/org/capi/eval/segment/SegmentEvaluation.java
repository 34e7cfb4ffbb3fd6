package org.capi.eval.segment;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.capi.eval.features.JobProgress;
import org.capi.eval.features.Tally;
import org.capi.eval.rows.FeatureRows;
import org.capi.eval.rows.FloatRows;
import org.capi.eval.rows.Standardiser;

/**
 * The segmentation probes from patches to scores: each point of a grid is fitted on nine tenths of the training images
 * and asked about the others, the first of the best is fitted again on all of them and asked about the test images once.
 * Features are standardised by what the nine tenths say.
 *
 * @param classes the names of the labels
 * @param patchesOfEach how many patches an image has
 * @param scratch a folder for temporary files
 */
record SegmentEvaluation(SegmentSettings settings, List<String> classes, int patchesOfEach, Path scratch) {

    /** Standardised features are kept when they take no more than this part of the Java heap. */
    private static final int SHARE_OF_HEAP = 4;

    private static final int MAX_VOTES = 1 << 30;

    SegmentEvaluation {
        classes = List.copyOf(classes);
    }

    /** What a probe made of the test images. */
    record Outcome(SegmentResult.ProbeResult result, PatchLabels predicted, Tally confusion) {}

    /** Refuses what cannot be searched, and sets of which no pixel counts, before anything is computed. */
    void check(PatchLabels train, PatchLabels test) {
        boolean searched = settings.probes().contains(SegmentSettings.Probe.KNN);
        List<Patches> parts = split(new Patches(new NoFeatures(train.size()), train), needsSplit());
        int kept = parts.get(0).toFit(settings.every(), settings.ignored()).size();
        checkCounted(test, "test images");
        if (parts.size() > 1) {
            checkCounted(parts.get(1).labels(), "training images that are held out to choose by");
        }
        if (searched && (long) settings.mostNeighbours() * train.pixels() > MAX_VOTES) {
            throw new IllegalArgumentException("k times the pixels of a patch must be at most " + MAX_VOTES + ", was "
                    + settings.mostNeighbours() + " times " + train.pixels());
        }
        if (searched && settings.mostNeighbours() > kept) {
            throw new IllegalArgumentException("k must be at most the number of training patches that are kept, " + kept
                    + ", was " + settings.mostNeighbours());
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

    List<Outcome> judge(Patches train, Patches test, JobProgress progress) throws IOException {
        List<Patches> parts = split(train, needsSplit());
        Standardiser standardiser = settings.standardization().fit(parts.get(0).features());
        List<Patches> standard =
                parts.stream().map(part -> standardised(part, standardiser)).toList();
        Patches asked = standardised(test, standardiser);
        List<Outcome> outcomes = new ArrayList<>();
        for (SegmentSettings.Probe probe : settings.probes()) {
            JobProgress ofProbe = part -> progress.part(probe + ": " + part);
            outcomes.add(judge(probe, standard, asked, ofProbe));
        }
        return outcomes;
    }

    private Outcome judge(SegmentSettings.Probe kind, List<Patches> train, Patches test, JobProgress progress)
            throws IOException {
        var probe = new Probing(settings, scratch);
        List<GridPoint> points = probe.grid(kind);
        List<SegmentResult.Trial> trials = new ArrayList<>();
        var chosen = points.get(0);
        Patches all = train.get(0);
        if (train.size() > 1) {
            Patches held = train.get(1);
            Patches fitted = all.toFit(settings.every(), settings.ignored());
            var predicted = probe.predict(points, fitted, held.features(), part -> progress.part(part + " to choose"));
            for (int i = 0; i < points.size(); i++) {
                Confusion confusion = confusion(held.labels(), predicted.get(i));
                trials.add(new SegmentResult.Trial(
                        points.get(i).parameters(), confusion.meanUnion(), confusion.accuracy()));
            }
            chosen = points.get(firstOfBest(trials));
            all = all.and(held);
        }
        Patches fitted = all.toFit(settings.every(), settings.ignored());
        PatchLabels predicted = probe.predict(List.of(chosen), fitted, test.features(), progress)
                .get(0);
        Confusion confusion = confusion(test.labels(), predicted);
        var result = new SegmentResult.ProbeResult(
                kind.toString(),
                chosen.parameters(),
                confusion.meanUnion(),
                confusion.meanUnionOfCounted(),
                confusion.accuracy(),
                named(confusion.unions()),
                trials);
        return new Outcome(result, predicted, confusion.table(this::name));
    }

    /** With several points in some grid a part of the images is held out. */
    private boolean needsSplit() {
        return settings.probes().stream()
                .anyMatch(probe -> new Probing(settings, scratch).grid(probe).size() > 1);
    }

    /** Nine tenths and one, or all. */
    private List<Patches> split(Patches train, boolean holdOut) {
        if (!holdOut) {
            return List.of(train);
        }
        var split = Split.of(train.size() / patchesOfEach, patchesOfEach, settings.seed());
        return List.of(train.only(split.fitted()), train.only(split.heldOut()));
    }

    private static Patches standardised(Patches patches, Standardiser standardiser) {
        FeatureRows rows = standardiser.of(patches.features());
        long bytes = (long) rows.size() * rows.dim() * Float.BYTES;
        boolean kept = bytes <= Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP && bytes <= Integer.MAX_VALUE;
        return new Patches(kept ? new FloatRows(rows.toArray(), rows.dim()) : rows, patches.labels());
    }

    private Confusion confusion(PatchLabels truth, PatchLabels predicted) {
        return new Confusion(settings.ignored()).add(truth, predicted);
    }

    private static int firstOfBest(List<SegmentResult.Trial> trials) {
        int best = 0;
        for (int i = 1; i < trials.size(); i++) {
            if (trials.get(i).meanIou() > trials.get(best).meanIou()) {
                best = i;
            }
        }
        return best;
    }

    private Map<String, Double> named(Map<Integer, Double> unions) {
        Map<String, Double> named = new LinkedHashMap<>();
        unions.forEach((label, union) -> named.put(name(label), union));
        return named;
    }

    private String name(int label) {
        return label < classes.size() ? classes.get(label) : Integer.toString(label);
    }

    /** Stands for features that are not computed yet. */
    private record NoFeatures(int size) implements FeatureRows {

        @Override
        public int dim() {
            return 1;
        }

        @Override
        public void read(int from, int count, float[] into, int at) {
            throw new IllegalStateException("these features are not computed yet");
        }
    }
}

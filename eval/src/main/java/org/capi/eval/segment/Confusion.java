package org.capi.eval.segment;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntFunction;
import org.capi.eval.features.Tally;

/** How often pixels of one label were given another; pixels whose true label is ignored do not count. */
final class Confusion {

    private final long[][] counts = new long[Mode.LABELS][Mode.LABELS];
    private final boolean[] ignored = new boolean[Mode.LABELS];

    Confusion(Set<Integer> ignored) {
        ignored.forEach(label -> this.ignored[label] = true);
    }

    /** Counts the pixels of both arrays. */
    Confusion add(byte[] truth, byte[] predicted) {
        if (truth.length != predicted.length) {
            throw new IllegalArgumentException(truth.length + " true labels, but " + predicted.length + " predicted");
        }
        for (int i = 0; i < truth.length; i++) {
            int label = Byte.toUnsignedInt(truth[i]);
            if (!ignored[label]) {
                counts[label][Byte.toUnsignedInt(predicted[i])]++;
            }
        }
        return this;
    }

    /** Counts the pixels of all patches. */
    Confusion add(PatchLabels truth, PatchLabels predicted) {
        if (truth.size() != predicted.size() || truth.pixels() != predicted.pixels()) {
            throw new IllegalArgumentException(truth.size() + " patches of " + truth.pixels() + " pixels, but "
                    + predicted.size() + " of " + predicted.pixels() + " predicted");
        }
        byte[] labels = new byte[truth.pixels()];
        byte[] named = new byte[truth.pixels()];
        for (int patch = 0; patch < truth.size(); patch++) {
            truth.read(patch, labels, 0);
            predicted.read(patch, named, 0);
            add(labels, named);
        }
        return this;
    }

    long count(int truth, int predicted) {
        return counts[truth][predicted];
    }

    /** The fraction of pixels that were given their label. */
    double accuracy() {
        long right = 0;
        long all = 0;
        for (int truth = 0; truth < Mode.LABELS; truth++) {
            right += counts[truth][truth];
            all += row(truth);
        }
        return all == 0 ? Double.NaN : (double) right / all;
    }

    /**
     * Intersection over union of each label that is true or predicted somewhere. A predicted label that is ignored as
     * truth is among them, with 0.
     */
    Map<Integer, Double> unions() {
        Map<Integer, Double> unions = new TreeMap<>();
        for (int label = 0; label < Mode.LABELS; label++) {
            long union = row(label) + column(label) - counts[label][label];
            if (union > 0) {
                unions.put(label, (double) counts[label][label] / union);
            }
        }
        return unions;
    }

    /** The mean of the intersections over unions, every label weighing the same. */
    double meanUnion() {
        return mean(unions());
    }

    /**
     * The same in the convention of mmsegmentation: an ignored label that was predicted is a miss of the pixel's own
     * label, but has no intersection over union of its own in the mean.
     */
    double meanUnionOfCounted() {
        Map<Integer, Double> unions = unions();
        unions.keySet().removeIf(label -> ignored[label]);
        return mean(unions);
    }

    private static double mean(Map<Integer, Double> unions) {
        return unions.values().stream()
                .mapToDouble(Double::doubleValue)
                .average()
                .orElse(Double.NaN);
    }

    /** The same of the labels that are true or predicted somewhere. */
    Tally table(IntFunction<String> names) {
        List<Integer> labels = List.copyOf(unions().keySet());
        var table = new Tally(labels.stream().map(names::apply).toList());
        for (int i = 0; i < labels.size(); i++) {
            for (int j = 0; j < labels.size(); j++) {
                table.add(i, j, counts[labels.get(i)][labels.get(j)]);
            }
        }
        return table;
    }

    private long row(int truth) {
        long sum = 0;
        for (long count : counts[truth]) {
            sum += count;
        }
        return sum;
    }

    private long column(int predicted) {
        long sum = 0;
        for (long[] row : counts) {
            sum += row[predicted];
        }
        return sum;
    }
}

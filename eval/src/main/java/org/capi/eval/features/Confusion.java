package org.capi.eval.features;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** A confusion matrix of images or pixels: a row for each true label, a column for each predicted one. */
public final class Confusion {

    /** The labels that a pixel of a label map can have. */
    public static final int LABELS = 256;

    private final List<String> classes;
    private final boolean[] ignored;
    private final long[][] counts;

    public Confusion(List<String> classes) {
        this(classes, Set.of());
    }

    private Confusion(List<String> classes, Set<Integer> ignored) {
        this.classes = List.copyOf(classes);
        this.ignored = new boolean[classes.size()];
        ignored.forEach(label -> this.ignored[label] = true);
        counts = new long[classes.size()][classes.size()];
    }

    /** For all labels of pixels, those without a class named by their number; an ignored true label does not count. */
    public static Confusion ofPixels(List<String> classes, Set<Integer> ignored) {
        return new Confusion(
                IntStream.range(0, LABELS)
                        .mapToObj(label -> label < classes.size() ? classes.get(label) : Integer.toString(label))
                        .toList(),
                ignored);
    }

    public void add(int truth, int predicted) {
        if (!ignored[truth]) {
            counts[truth][predicted]++;
        }
    }

    /** The standard error of a fraction {@code p} of {@code n} images, {@code sqrt(p (1 - p) / n)}. */
    public static double standardError(double fraction, long images) {
        return Math.sqrt(fraction * (1 - fraction) / images);
    }

    public Confusion add(byte[] truth, byte[] predicted) {
        if (truth.length != predicted.length) {
            throw new IllegalArgumentException(truth.length + " true labels, but " + predicted.length + " predicted");
        }
        for (int i = 0; i < truth.length; i++) {
            add(Byte.toUnsignedInt(truth[i]), Byte.toUnsignedInt(predicted[i]));
        }
        return this;
    }

    public List<String> classes() {
        return classes;
    }

    public List<List<Long>> counts() {
        return Arrays.stream(counts)
                .map(row -> Arrays.stream(row).boxed().toList())
                .toList();
    }

    /** The number of images or pixels of a true label. */
    public long count(int truth) {
        return Arrays.stream(counts[truth]).sum();
    }

    /** The fraction of a label's images or pixels that were predicted as it; 0 where there are none. */
    public double accuracy(int truth) {
        long all = count(truth);
        return all == 0 ? 0 : (double) counts[truth][truth] / all;
    }

    /** The fraction of all images or pixels that were predicted as what they are; NaN where there are none. */
    public double accuracy() {
        long all = labels().mapToLong(this::count).sum();
        long right = labels().mapToLong(label -> counts[label][label]).sum();
        return all == 0 ? Double.NaN : (double) right / all;
    }

    /** The share of the images or pixels that have the most frequent true label; NaN where there are none. */
    public double mostFrequent() {
        long all = labels().mapToLong(this::count).sum();
        return all == 0
                ? Double.NaN
                : (double) labels().mapToLong(this::count).max().orElse(0) / all;
    }

    /**
     * Intersection over union of each label that is true or predicted somewhere. A predicted label that is ignored as
     * truth is among them, with 0.
     */
    public Map<Integer, Double> unions() {
        Map<Integer, Double> unions = new TreeMap<>();
        labels().forEach(label -> {
            long predicted = Arrays.stream(counts).mapToLong(row -> row[label]).sum();
            long union = count(label) + predicted - counts[label][label];
            if (union > 0) {
                unions.put(label, (double) counts[label][label] / union);
            }
        });
        return unions;
    }

    /** The mean intersection over union, every label weighing the same. */
    public double meanUnion() {
        return mean(unions());
    }

    /**
     * The same in the convention of mmsegmentation: an ignored label that was predicted is a miss of the pixel's own
     * label, but has no intersection over union of its own in the mean.
     */
    public double meanUnionOfCounted() {
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

    /** The matrix of the labels that are true or predicted somewhere. */
    public Confusion present() {
        List<Integer> labels = List.copyOf(unions().keySet());
        var present = new Confusion(labels.stream().map(classes::get).toList());
        for (int i = 0; i < labels.size(); i++) {
            long[] row = counts[labels.get(i)];
            present.counts[i] = labels.stream().mapToLong(label -> row[label]).toArray();
        }
        return present;
    }

    private IntStream labels() {
        return IntStream.range(0, counts.length);
    }
}

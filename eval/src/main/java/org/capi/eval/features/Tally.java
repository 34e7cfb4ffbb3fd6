package org.capi.eval.features;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** How often images, or pixels, of each class were taken for each class. */
public final class Tally {

    private final List<String> classes;
    private final long[][] counts;

    /** No image yet. */
    public Tally(List<String> classes) {
        this.classes = List.copyOf(classes);
        counts = new long[classes.size()][classes.size()];
    }

    /** An image of one class was taken for one of another, or the same. */
    public void add(int truth, int predicted) {
        add(truth, predicted, 1);
    }

    /** Several at once, such as the pixels of an image. */
    public void add(int truth, int predicted, long count) {
        counts[truth][predicted] += count;
    }

    /** The names of the classes. */
    public List<String> classes() {
        return classes;
    }

    /** A row for each true class, in it how often each class was predicted. */
    public List<List<Long>> counts() {
        List<List<Long>> rows = new ArrayList<>();
        for (long[] row : counts) {
            rows.add(Arrays.stream(row).boxed().toList());
        }
        return List.copyOf(rows);
    }

    /** How many of a class there were. */
    public long count(int truth) {
        return Arrays.stream(counts[truth]).sum();
    }

    /** The fraction of a class's images that were taken for what they are; 0 where there were none. */
    public double accuracy(int truth) {
        long all = count(truth);
        return all == 0 ? 0 : (double) counts[truth][truth] / all;
    }
}

package org.capi.train.inspect;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.LongFunction;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.capi.eval.report.Charts.Histograms.Histogram;

/** Counts of values as the bars of a histogram: round bins, each about a quarter wider than the last. */
final class Bins {

    private static final int MAX_SINGLE_VALUES = 8;
    private static final int MAX_LABELS = 9;
    private static final long[] EDGES = edges();
    private static final List<String> ASPECTS =
            List.of("1:3", "1:2", "9:16", "2:3", "3:4", "1:1", "4:3", "3:2", "16:9", "2:1", "3:1");

    private Bins() {}

    /** The lower edge of the bin that a value falls into. */
    static long below(long value) {
        return EDGES[bin(value)];
    }

    private static int bin(long value) {
        int found = Arrays.binarySearch(EDGES, Math.max(0, value));
        return found >= 0 ? found : -found - 2;
    }

    /** Which of the common aspects is nearest. */
    static int aspect(int width, int height) {
        double ratio = Math.log((double) width / height);
        return IntStream.range(0, ASPECTS.size())
                .boxed()
                .min(Comparator.comparingDouble(aspect -> Math.abs(ratio - logRatio(aspect))))
                .orElseThrow();
    }

    private static double logRatio(int aspect) {
        String[] sides = ASPECTS.get(aspect).split(":", -1);
        return Math.log(Double.parseDouble(sides[0]) / Double.parseDouble(sides[1]));
    }

    /** A bar for each value if they are few, else one for each bin between the least and the greatest. */
    static Histogram values(String name, String across, SortedMap<Long, Long> counts) {
        if (counts.size() <= MAX_SINGLE_VALUES) {
            return new Histogram(
                    name,
                    across,
                    List.copyOf(counts.values()),
                    counts.keySet().stream().map(String::valueOf).toList());
        }
        return binned(name, across, counts, String::valueOf);
    }

    /** The same for values that are bytes, as {@link #below} has binned them. */
    static Histogram bytes(String name, String across, SortedMap<Long, Long> counts) {
        return binned(name, across, counts, Bins::bytes);
    }

    /** A bar for each aspect from the tallest to the widest there is. */
    static Histogram aspects(String name, String across, SortedMap<Integer, Long> counts) {
        List<Long> heights = new ArrayList<>();
        List<String> labels = new ArrayList<>();
        for (int a = counts.firstKey(); a <= counts.lastKey(); a++) {
            heights.add(counts.getOrDefault(a, 0L));
            labels.add(a == 0 ? "≤ 1:3" : a == ASPECTS.size() - 1 ? "≥ 3:1" : ASPECTS.get(a));
        }
        return new Histogram(name, across, heights, labels);
    }

    private static Histogram binned(
            String name, String across, SortedMap<Long, Long> counts, LongFunction<String> label) {
        int first = bin(counts.firstKey());
        int last = bin(counts.lastKey());
        List<Long> heights = new ArrayList<>(Collections.nCopies(last - first + 1, 0L));
        counts.forEach((value, images) -> heights.set(bin(value) - first, heights.get(bin(value) - first) + images));
        boolean all = heights.size() < MAX_LABELS;
        List<String> labels = LongStream.rangeClosed(first, last + 1L)
                .mapToObj(edge -> all || isRound(EDGES[(int) edge]) ? label.apply(EDGES[(int) edge]) : "")
                .toList();
        return new Histogram(name, across, heights, labels);
    }

    private static String bytes(long bytes) {
        if (bytes < 1000) {
            return bytes + " B";
        }
        if (bytes < 1_000_000) {
            return decimal(bytes, 1000) + " kB";
        }
        return bytes < 1_000_000_000 ? decimal(bytes, 1_000_000) + " MB" : decimal(bytes, 1_000_000_000) + " GB";
    }

    private static String decimal(long bytes, long unit) {
        return bytes % unit == 0 ? String.valueOf(bytes / unit) : String.valueOf((double) bytes / unit);
    }

    private static boolean isRound(long edge) {
        while (edge >= 10 && edge % 10 == 0) {
            edge /= 10;
        }
        return Set.of(0L, 1L, 2L, 5L).contains(edge);
    }

    /** 0 to 6, 8, 10, 13, 16, 20, 25, 32, 40, 50, 64, 80, and from there on by powers of ten. */
    private static long[] edges() {
        LongStream powers = LongStream.iterate(1, power -> power <= 100_000_000_000L, power -> power * 10);
        return LongStream.concat(
                        LongStream.of(0, 1, 2, 3, 4, 5, 6, 8, 10, 13, 16, 20, 25, 32, 40, 50, 64, 80),
                        powers.flatMap(power -> LongStream.of(100, 125, 160, 200, 250, 320, 400, 500, 640, 800)
                                .map(mantissa -> mantissa * power)))
                .toArray();
    }
}

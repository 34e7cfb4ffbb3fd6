package org.capi.train.ablate;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A measure over seeds.
 *
 * @param seeds how many
 * @param spread the standard deviation over the seeds, {@code sqrt(sum of (x - mean)^2 / (seeds - 1))}; null for one seed
 */
public record Statistic(int seeds, double mean, @Nullable Double spread) {

    /** Of at least one value. */
    static Statistic of(List<Double> values) {
        double mean = values.stream()
                .mapToDouble(Double::doubleValue)
                .average()
                .orElseThrow(() -> new IllegalArgumentException("no values"));
        double squares = values.stream()
                .mapToDouble(value -> (value - mean) * (value - mean))
                .sum();
        return new Statistic(values.size(), mean, values.size() < 2 ? null : Math.sqrt(squares / (values.size() - 1)));
    }

    /**
     * One spread for all of several variants: the root of their mean variance, each weighted by its seeds less one.
     *
     * @return null if none has two seeds
     */
    static @Nullable Double pooled(List<Statistic> statistics) {
        double squares = 0;
        int freedom = 0;
        for (Statistic one : statistics) {
            Double spread = one.spread;
            if (spread != null) {
                squares += (one.seeds - 1) * spread * spread;
                freedom += one.seeds - 1;
            }
        }
        return freedom == 0 ? null : Math.sqrt(squares / freedom);
    }

    /** {@code 42.1 ± 0.8}, in per cent. */
    String text() {
        Double known = spread;
        return Percent.plain(mean) + (known == null ? "" : " ± " + Percent.plain(known));
    }
}

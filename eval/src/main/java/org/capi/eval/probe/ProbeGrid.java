package org.capi.eval.probe;

import java.util.ArrayList;
import java.util.List;

/**
 * The learning rates and weight decays that are tried, each with each: the rate changes slowest.
 *
 * @param learningRates for a batch of 256
 */
public record ProbeGrid(List<Double> learningRates, List<Double> weightDecays) {

    /** Those of the reference. */
    public static final ProbeGrid STANDARD = new ProbeGrid(
            List.of(1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2), List.of(5e-4, 1e-3, 5e-2));

    public ProbeGrid {
        learningRates = List.copyOf(learningRates);
        weightDecays = List.copyOf(weightDecays);
        check("learning_rates", learningRates, true);
        check("weight_decays", weightDecays, false);
    }

    /** A place of the grid. */
    public record Point(double learningRate, double weightDecay) {}

    /** All places, in order. */
    public List<Point> points() {
        List<Point> points = new ArrayList<>();
        for (double rate : learningRates) {
            for (double decay : weightDecays) {
                points.add(new Point(rate, decay));
            }
        }
        return points;
    }

    private static void check(String key, List<Double> values, boolean aboveZero) {
        if (values.isEmpty()) {
            throw new IllegalArgumentException(key + " must name at least one number");
        }
        for (double value : values) {
            if (!(Double.isFinite(value) && value >= 0 && (value > 0 || !aboveZero))) {
                throw new IllegalArgumentException(
                        key + " must be " + (aboveZero ? "above 0" : "at least 0") + ", one was " + value);
            }
        }
    }
}

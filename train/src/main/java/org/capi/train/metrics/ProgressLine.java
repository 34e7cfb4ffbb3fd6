package org.capi.train.metrics;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The console's line about the steps since the line before it.
 *
 * <p>The first steps of a process pay for compilation and warm-up: they are left out of rate, wait and estimate.
 */
public final class ProgressLine {

    private static final int WARM_UP = 3;

    private final long totalSteps;
    private final int batchSize;
    private int seen;
    private double seconds;
    private double waited;
    private int timed;

    public ProgressLine(long totalSteps, int batchSize) {
        this.totalSteps = totalSteps;
        this.batchSize = batchSize;
    }

    public void add(StepMetrics.Times times) {
        seen++;
        if (seen > WARM_UP) {
            timed++;
            seconds += times.stepSeconds();
            waited += times.dataWaitSeconds();
        }
    }

    /** The line for the step that was counted last; the next line starts anew. */
    public String take(StepMetrics metrics) {
        List<String> parts = new ArrayList<>();
        add(parts, "loss %.3f", metrics.studentLoss());
        add(parts, "clustering loss %.3f", metrics.clusteringLoss());
        add(parts, "target entropy %.3f", metrics.targetEntropy());
        add(parts, "learning rate %.1e", metrics.learningRate());
        add(parts, "momentum %.4f", metrics.momentum());
        if (timed > 0 && seconds > 0) {
            add(parts, "%.0f images/s", batchSize * timed / seconds);
            add(parts, "%.0f %% waiting for data", 100 * waited / seconds);
            if (metrics.step() < totalSteps) {
                parts.add(duration((totalSteps - metrics.step()) * seconds / timed) + " left");
            }
        }
        timed = 0;
        seconds = 0;
        waited = 0;
        return "step " + metrics.step() + " of " + totalSteps + ": " + String.join(", ", parts);
    }

    private static void add(List<String> parts, String format, @Nullable Double value) {
        if (value != null) {
            parts.add(String.format(Locale.ROOT, format, value));
        }
    }

    /** A count as people read it: {@code 1234567} is {@code 1,234,567}. */
    public static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /** A time as people say it: {@code 45 s}, {@code 8 min 15 s}, {@code 1 h 05 min}, {@code 5 d 18 h}. */
    public static String duration(double time) {
        long seconds = Math.round(time);
        if (seconds < 60) {
            return seconds + " s";
        }
        if (seconds < 3600) {
            return String.format(Locale.ROOT, "%d min %02d s", seconds / 60, seconds % 60);
        }
        return seconds < 86_400
                ? String.format(Locale.ROOT, "%d h %02d min", seconds / 3600, seconds / 60 % 60)
                : String.format(Locale.ROOT, "%d d %02d h", seconds / 86_400, seconds / 3600 % 24);
    }
}

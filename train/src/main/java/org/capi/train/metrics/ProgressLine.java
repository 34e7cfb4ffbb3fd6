package org.capi.train.metrics;

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
        var line = new StringBuilder();
        line.append("step=").append(metrics.step()).append('/').append(totalSteps);
        add(line, "loss", "%.3f", metrics.studentLoss());
        add(line, "clustering", "%.3f", metrics.clusteringLoss());
        add(line, "entropy", "%.3f", metrics.targetEntropy());
        add(line, "lr", "%.2E", metrics.learningRate());
        add(line, "momentum", "%.4f", metrics.momentum());
        if (timed > 0 && seconds > 0) {
            double left = (totalSteps - metrics.step()) * seconds / timed;
            line.append(String.format(
                    Locale.ROOT,
                    " images/s=%.0f data_wait=%.0f%% eta=%s",
                    batchSize * timed / seconds,
                    100 * waited / seconds,
                    duration(Math.round(left))));
        }
        timed = 0;
        seconds = 0;
        waited = 0;
        return line.toString();
    }

    private static void add(StringBuilder line, String name, String format, @Nullable Double value) {
        if (value != null) {
            line.append(' ').append(name).append('=').append(String.format(Locale.ROOT, format, value));
        }
    }

    private static String duration(long seconds) {
        return seconds < 86_400
                ? String.format(Locale.ROOT, "%d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60)
                : String.format(Locale.ROOT, "%dd%02dh", seconds / 86_400, seconds / 3600 % 24);
    }
}

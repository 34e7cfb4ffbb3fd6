package org.capi.eval.segment;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.capi.eval.rows.FeatureRows;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.family.TNumber;

/**
 * Multinomial logistic regression: it minimises {@code C·Σ log-losses + |W|²/2}, the intercepts unpenalised, by L-BFGS.
 * One object fits the same rows for many {@code C}, each from the last solution.
 */
public final class LogisticRegression implements AutoCloseable {

    /** Corrections that L-BFGS remembers. */
    private static final int MEMORY = 10;

    /** Tables up to so many numbers are computed in float64, which costs little there. */
    private static final long SMALL = 1 << 22;

    private final FeatureRows features;
    private final int[] classes;
    private final SoftmaxLoss loss;
    private final Lbfgs lbfgs;
    private double[] point;

    /**
     * Prepares rows for fits.
     *
     * @param labels of each row, in 0 to 255
     * @param tolerance the largest entry of the mean objective's gradient at which a fit is done
     */
    public LogisticRegression(FeatureRows features, byte[] labels, double tolerance, int maxIterations, int threads) {
        this.features = features;
        classes = distinct(labels);
        boolean small = (long) features.size() * features.dim() <= SMALL;
        Class<? extends TNumber> type = small ? TFloat64.class : TFloat32.class;
        loss = new SoftmaxLoss(type, features, indices(labels, classes), classes.length, threads);
        lbfgs = new Lbfgs(MEMORY, tolerance, maxIterations);
        point = new double[loss.pointSize()];
    }

    /** Fits for one {@code C}, from where the last fit ended. */
    public LinearClassifier fit(double c) {
        double penalty = 1 / (c * features.size());
        var minimum = lbfgs.minimise((at, gradient) -> value(at, gradient, penalty), point);
        point = minimum.point();
        return new LinearClassifier(
                classes,
                point,
                minimum.value() * features.size(),
                minimum.gradient(),
                minimum.iterations(),
                minimum.evaluations());
    }

    /** The mean log-loss and the penalty's share. */
    private double value(double[] at, double[] gradient, double penalty) {
        Arrays.fill(gradient, 0);
        double value = loss.at(at, gradient) / features.size();
        int width = features.dim() + 1;
        for (int i = 0; i < at.length; i++) {
            gradient[i] /= features.size();
            if (i % width < width - 1) {
                gradient[i] += penalty * at[i];
                value += penalty * at[i] * at[i] / 2;
            }
        }
        return value;
    }

    @Override
    public void close() {
        loss.close();
    }

    private static int[] distinct(byte[] labels) {
        boolean[] present = new boolean[Mode.LABELS];
        for (byte label : labels) {
            present[Byte.toUnsignedInt(label)] = true;
        }
        return IntStream.range(0, Mode.LABELS).filter(label -> present[label]).toArray();
    }

    private static int[] indices(byte[] labels, int[] classes) {
        int[] indices = new int[labels.length];
        for (int i = 0; i < labels.length; i++) {
            indices[i] = Arrays.binarySearch(classes, Byte.toUnsignedInt(labels[i]));
        }
        return indices;
    }
}

package org.capi.eval.segment;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.capi.eval.rows.FeatureRows;
import org.capi.eval.rows.WorkerPool;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.ReduceSum;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.proto.RunOptions;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
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
        var present = new BitSet();
        for (byte label : labels) {
            present.set(Byte.toUnsignedInt(label));
        }
        classes = present.stream().toArray();
        int[] indices = new int[labels.length];
        Arrays.setAll(indices, i -> Arrays.binarySearch(classes, Byte.toUnsignedInt(labels[i])));
        boolean small = (long) features.size() * features.dim() <= SMALL;
        Class<? extends TNumber> type = small ? TFloat64.class : TFloat32.class;
        loss = new SoftmaxLoss(type, features, indices, classes.length, threads, memory() / 2);
        lbfgs = new Lbfgs(MEMORY, tolerance, maxIterations);
        point = new double[classes.length * (features.dim() + 1)];
    }

    private static long memory() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getTotalMemorySize();
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

    /**
     * A fitted logistic regression.
     *
     * @param classes the labels, in order, one for each row of the weights
     * @param weights {@code [classes, dim + 1]}: the weights of a class followed by its intercept
     * @param objective {@code Σ log-losses + |W|²/(2C)}
     * @param gradient the largest entry of the gradient of the objective's mean over the rows
     * @param evaluations of the objective
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record LinearClassifier(
            int[] classes, double[] weights, double objective, double gradient, int iterations, int evaluations) {

        /** The most likely label of each row; the smallest of equally likely ones. */
        public byte[] predict(FeatureRows rows) {
            byte[] predicted = new byte[rows.size()];
            int dim = rows.dim();
            rows.forEachRow((row, values, at) -> {
                int best = 0;
                double max = Double.NEGATIVE_INFINITY;
                for (int c = 0; c < classes.length; c++) {
                    double logit = weights[c * (dim + 1) + dim];
                    for (int d = 0; d < dim; d++) {
                        logit += weights[c * (dim + 1) + d] * values[at + d];
                    }
                    if (logit > max) {
                        max = logit;
                        best = c;
                    }
                }
                predicted[row] = (byte) classes[best];
            });
            return predicted;
        }
    }

    /**
     * The sum of the cross-entropies of a linear classifier over rows of features, and its gradient: one static graph
     * that threads run chunk by chunk; the chunks' sums are added in their order, in float64. Features that take no
     * more than {@code maxHeldBytes} are kept as tensors, more are read again for every sum.
     */
    static final class SoftmaxLoss implements AutoCloseable {

        private static final int ROWS_AT_ONCE = 2048;
        private static final int CHUNKS_OF_EACH_THREAD = 8;
        private static final RunOptions ON_THIS_THREAD =
                RunOptions.newBuilder().setInterOpThreadPool(-1).build();

        private final FeatureRows features;
        private final int[] labels;
        private final int chunkSize;
        private final int chunks;
        private final List<TFloat32> held = new ArrayList<>();
        private final WorkerPool workers;
        private final Graph graph = new Graph();
        private final Placeholder<TFloat32> rows; // [chunk, dim]
        private final Placeholder<TInt32> truths; // [chunk]; a row with the label -1 only fills up the chunk
        private final Placeholder<TFloat64> weights; // [classes, dim + 1]
        private final List<Operand<TFloat64>> lossAndGradient; // [], [classes, dim + 1]
        private final Session session;

        /**
         * Builds the graph.
         *
         * @param type in which a chunk is computed
         * @param labels an index into the classes for each row
         */
        SoftmaxLoss(
                Class<? extends TNumber> type,
                FeatureRows features,
                int[] labels,
                int classes,
                int threads,
                long maxHeldBytes) {
            int dim = features.dim();
            this.features = features;
            this.labels = labels;
            chunkSize = Math.min(ROWS_AT_ONCE, features.size());
            Ops tf = Ops.create(graph);
            rows = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(chunkSize, dim)));
            truths = tf.placeholder(TInt32.class, Placeholder.shape(Shape.of(chunkSize)));
            weights = tf.placeholder(TFloat64.class, Placeholder.shape(Shape.of(classes, dim + 1)));
            lossAndGradient = lossAndGradient(tf, type, dim, classes);
            session = new Session(graph);
            workers = new WorkerPool(threads);
            chunks = (labels.length - 1) / chunkSize + 1;
            if ((long) labels.length * dim * Float.BYTES <= maxHeldBytes) {
                for (int chunk = 0; chunk < chunks; chunk++) {
                    held.add(rows(chunk));
                }
            }
        }

        private <T extends TNumber> List<Operand<TFloat64>> lossAndGradient(
                Ops tf, Class<T> type, int dim, int classes) {
            Operand<T> x = tf.dtypes.cast(rows, type);
            Operand<T> w = columns(tf, type, 0, dim);
            Operand<T> b = tf.reshape(columns(tf, type, dim, 1), tf.constant(new int[] {1, classes}));
            Operand<T> logits = tf.math.add(tf.linalg.matMul(x, w, MatMul.transposeB(true)), b); // [chunk, classes]
            Operand<T> one = tf.dtypes.cast(tf.constant(1), type);
            Operand<T> zero = tf.dtypes.cast(tf.constant(0), type);
            Operand<T> hot = tf.oneHot(truths, tf.constant(classes), one, zero); // [chunk, classes]
            Operand<T> counts = tf.reduceSum(hot, tf.constant(1), ReduceSum.keepDims(true)); // [chunk, 1]
            Operand<T> logs = tf.nn.logSoftmax(logits);
            Operand<T> off = tf.math.sub(tf.math.mul(tf.math.exp(logs), counts), hot); // [chunk, classes]
            Operand<T> ofWeights = tf.linalg.matMul(off, x, MatMul.transposeA(true)); // [classes, dim]
            Operand<T> ofIntercepts =
                    tf.reshape(tf.reduceSum(off, tf.constant(0)), tf.constant(new int[] {classes, 1}));
            Operand<T> loss = tf.math.neg(tf.reduceSum(tf.math.mul(hot, logs), tf.constant(new int[] {0, 1})));
            return List.of(
                    tf.dtypes.cast(loss, TFloat64.class),
                    tf.dtypes.cast(tf.concat(List.of(ofWeights, ofIntercepts), tf.constant(1)), TFloat64.class));
        }

        private <T extends TNumber> Operand<T> columns(Ops tf, Class<T> type, int from, int count) {
            return tf.dtypes.cast(
                    tf.slice(weights, tf.constant(new int[] {0, from}), tf.constant(new int[] {-1, count})), type);
        }

        private TFloat32 rows(int chunk) {
            float[] values = new float[chunkSize * features.dim()];
            features.read(chunk * chunkSize, count(chunk), values, 0);
            return TFloat32.tensorOf(Shape.of(chunkSize, features.dim()), DataBuffers.of(values, true, false));
        }

        private TInt32 truths(int chunk) {
            int from = chunk * chunkSize;
            int[] truths = Arrays.copyOf(Arrays.copyOfRange(labels, from, from + count(chunk)), chunkSize);
            Arrays.fill(truths, count(chunk), chunkSize, -1);
            return TInt32.tensorOf(Shape.of(chunkSize), DataBuffers.of(truths, true, false));
        }

        private int count(int chunk) {
            return Math.min(chunkSize, labels.length - chunk * chunkSize);
        }

        /** Adds the gradient at a point to an array, and returns the loss there. */
        double at(double[] point, double[] gradient) {
            int atOnce = Math.min(chunks, workers.count() * CHUNKS_OF_EACH_THREAD);
            double[] losses = new double[atOnce];
            double[][] slopes = new double[atOnce][point.length];
            double loss = 0;
            try (TFloat64 fed = TFloat64.tensorOf(weights.shape(), DataBuffers.of(point, true, false))) {
                for (int from = 0; from < chunks; from += atOnce) {
                    int first = from;
                    int count = Math.min(atOnce, chunks - from);
                    workers.each(count, i -> losses[i] = chunk(fed, first + i, slopes[i]));
                    for (int i = 0; i < count; i++) {
                        loss += losses[i];
                        for (int j = 0; j < gradient.length; j++) {
                            gradient[j] += slopes[i][j];
                        }
                    }
                }
            }
            return loss;
        }

        private double chunk(TFloat64 point, int chunk, double[] slope) {
            TFloat32 fed = held.isEmpty() ? rows(chunk) : held.get(chunk);
            try (TInt32 fedTruths = truths(chunk);
                    Result result = session.runner()
                            .setOptions(ON_THIS_THREAD)
                            .feed(rows, fed)
                            .feed(truths, fedTruths)
                            .feed(weights, point)
                            .fetch(lossAndGradient.get(0))
                            .fetch(lossAndGradient.get(1))
                            .run()) {
                result.get(1).asRawTensor().data().asDoubles().read(slope);
                return result.get(0).asRawTensor().data().asDoubles().getDouble(0);
            } finally {
                if (held.isEmpty()) {
                    fed.close();
                }
            }
        }

        @Override
        public void close() {
            workers.close();
            session.close();
            graph.close();
            held.forEach(TFloat32::close);
        }
    }
}

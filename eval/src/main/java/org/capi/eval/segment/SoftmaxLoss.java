package org.capi.eval.segment;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.capi.eval.rows.FeatureRows;
import org.capi.eval.rows.Workers;
import org.tensorflow.Graph;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.RunOptions;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TNumber;

/**
 * The sum of the cross-entropies of a linear classifier over rows of features, and its gradient: one static graph that
 * threads run chunk by chunk; the chunks' sums are added in their order, in float64. Features that take no more than half
 * of the machine's memory are held there, more are read again for every sum.
 */
final class SoftmaxLoss implements AutoCloseable {

    private static final int ROWS_AT_ONCE = 2048;
    private static final int CHUNKS_OF_EACH_THREAD = 8;
    private static final RunOptions ON_THIS_THREAD =
            RunOptions.newBuilder().setInterOpThreadPool(-1).build();

    private final Shape pointShape;
    private final int chunkSize;
    private final FeatureRows features;
    private final int[] labels;
    private final int chunks;
    private final List<TFloat32> held = new ArrayList<>();
    private final Workers workers;
    private final Graph graph = new Graph();
    private final SoftmaxGraph softmax;
    private final Session session;

    /**
     * Copies the rows if there are few.
     *
     * @param type in which a chunk is computed
     * @param labels an index into the classes for each row
     */
    SoftmaxLoss(Class<? extends TNumber> type, FeatureRows features, int[] labels, int classes, int threads) {
        this(type, features, labels, classes, threads, memory() / 2);
    }

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
        pointShape = Shape.of(classes, dim + 1);
        chunkSize = Math.min(ROWS_AT_ONCE, features.size());
        softmax = SoftmaxGraph.build(Ops.create(graph), type, chunkSize, dim, classes);
        session = new Session(graph);
        workers = new Workers(threads);
        chunks = (labels.length - 1) / chunkSize + 1;
        if ((long) labels.length * dim * Float.BYTES <= maxHeldBytes) {
            for (int chunk = 0; chunk < chunks; chunk++) {
                held.add(rows(chunk));
            }
        }
    }

    private static long memory() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getTotalMemorySize();
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

    /** How long a point is: the weights of each class and behind them its intercept. */
    int pointSize() {
        return Math.toIntExact(pointShape.size());
    }

    /** Adds the gradient at a point to an array, and returns the loss there. */
    double at(double[] point, double[] gradient) {
        int atOnce = Math.min(chunks, workers.count() * CHUNKS_OF_EACH_THREAD);
        double[] losses = new double[atOnce];
        double[][] slopes = new double[atOnce][point.length];
        double loss = 0;
        try (TFloat64 weights = TFloat64.tensorOf(pointShape, DataBuffers.of(point, true, false))) {
            for (int from = 0; from < chunks; from += atOnce) {
                int first = from;
                int count = Math.min(atOnce, chunks - from);
                workers.each(count, i -> losses[i] = chunk(weights, first + i, slopes[i]));
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

    private double chunk(TFloat64 weights, int chunk, double[] slope) {
        TFloat32 rows = held.isEmpty() ? rows(chunk) : held.get(chunk);
        try (TInt32 truths = truths(chunk);
                Result result = session.runner()
                        .setOptions(ON_THIS_THREAD)
                        .feed(softmax.rows(), rows)
                        .feed(softmax.truths(), truths)
                        .feed(softmax.weights(), weights)
                        .fetch(softmax.loss())
                        .fetch(softmax.slope())
                        .run()) {
            result.get(1).asRawTensor().data().asDoubles().read(slope);
            return result.get(0).asRawTensor().data().asDoubles().getDouble(0);
        } finally {
            if (held.isEmpty()) {
                rows.close();
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

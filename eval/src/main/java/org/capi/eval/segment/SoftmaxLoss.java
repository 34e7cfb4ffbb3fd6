package org.capi.eval.segment;

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
 * The sum of the cross-entropies of a linear classifier over rows of features that are held in memory, and its gradient:
 * one static graph that threads run chunk by chunk; the chunks' sums are added in their order, in float64.
 */
final class SoftmaxLoss implements AutoCloseable {

    private static final int ROWS_AT_ONCE = 2048;
    private static final RunOptions ON_THIS_THREAD =
            RunOptions.newBuilder().setInterOpThreadPool(-1).build();

    private final Shape pointShape;
    private final int chunkSize;
    private final List<TFloat32> rows = new ArrayList<>();
    private final List<TInt32> truths = new ArrayList<>();
    private final Workers workers;
    private final Graph graph = new Graph();
    private final SoftmaxGraph softmax;
    private final Session session;

    /**
     * Copies the rows.
     *
     * @param type in which a chunk is computed
     * @param labels an index into the classes for each row
     */
    SoftmaxLoss(Class<? extends TNumber> type, FeatureRows features, int[] labels, int classes, int threads) {
        int dim = features.dim();
        pointShape = Shape.of(classes, dim + 1);
        chunkSize = Math.min(ROWS_AT_ONCE, features.size());
        softmax = SoftmaxGraph.build(Ops.create(graph), type, chunkSize, dim, classes);
        session = new Session(graph);
        workers = new Workers(threads);
        float[] values = new float[chunkSize * dim];
        for (int from = 0; from < labels.length; from += chunkSize) {
            int count = Math.min(chunkSize, labels.length - from);
            features.read(from, count, values, 0);
            int[] truth = Arrays.copyOf(Arrays.copyOfRange(labels, from, from + count), chunkSize);
            Arrays.fill(truth, count, chunkSize, -1);
            rows.add(TFloat32.tensorOf(Shape.of(chunkSize, dim), DataBuffers.of(values, true, false)));
            truths.add(TInt32.tensorOf(Shape.of(chunkSize), DataBuffers.of(truth, true, false)));
        }
    }

    /** How long a point is: the weights of each class and behind them its intercept. */
    int pointSize() {
        return Math.toIntExact(pointShape.size());
    }

    /** Adds the gradient at a point to an array, and returns the loss there. */
    double at(double[] point, double[] gradient) {
        double[] losses = new double[rows.size()];
        double[][] slopes = new double[rows.size()][point.length];
        try (TFloat64 weights = TFloat64.tensorOf(pointShape, DataBuffers.of(point, true, false))) {
            workers.each(losses.length, chunk -> losses[chunk] = chunk(weights, chunk, slopes[chunk]));
        }
        double loss = 0;
        for (int chunk = 0; chunk < losses.length; chunk++) {
            loss += losses[chunk];
            for (int i = 0; i < gradient.length; i++) {
                gradient[i] += slopes[chunk][i];
            }
        }
        return loss;
    }

    private double chunk(TFloat64 weights, int chunk, double[] slope) {
        try (Result result = session.runner()
                .setOptions(ON_THIS_THREAD)
                .feed(softmax.rows(), rows.get(chunk))
                .feed(softmax.truths(), truths.get(chunk))
                .feed(softmax.weights(), weights)
                .fetch(softmax.loss())
                .fetch(softmax.slope())
                .run()) {
            result.get(1).asRawTensor().data().asDoubles().read(slope);
            return result.get(0).asRawTensor().data().asDoubles().getDouble(0);
        }
    }

    @Override
    public void close() {
        workers.close();
        session.close();
        graph.close();
        rows.forEach(TFloat32::close);
        truths.forEach(TInt32::close);
    }
}

package org.capi.train.bench;

import java.io.IOException;
import java.util.Locale;
import org.capi.data.SeededDraws;
import org.capi.graph.clustering.ClusteringConfig;
import org.capi.graph.clustering.SinkhornKnopp;
import org.capi.graph.pretrain.ClusteringGraph;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;

/**
 * Measures the memory of one clustering step, forward and backward, on a CPU: features of noise, one predicted position
 * of each image.
 */
public record ClusteringBench(SinkhornKnopp.Grouping samples, int batchSize, int positions, int prototypes, int dim) {

    private static final long SEED = 1;
    private static final double PREDICTION_TEMPERATURE = 0.12;
    private static final double TEACHER_TEMPERATURE = 0.06;
    private static final int ITERATIONS = 3;

    /** Checks the sizes. */
    public ClusteringBench {
        if (batchSize < 1 || positions < 1 || prototypes < 2 || dim < 1) {
            throw new IllegalArgumentException("batch, positions and dim must be at least 1 and prototypes 2; were "
                    + batchSize + ", " + positions + ", " + dim + " and " + prototypes);
        }
    }

    /** Runs once and measures. */
    public ClusteringMemory run() throws IOException {
        var config = new ClusteringConfig(
                prototypes,
                PREDICTION_TEMPERATURE,
                TEACHER_TEMPERATURE,
                PREDICTION_TEMPERATURE,
                ITERATIONS,
                samples,
                true);
        var shape = Shape.of(positions, batchSize, dim);
        try (var graph = new Graph();
                var session = new Session(graph, cpu());
                TFloat32 features = noise(shape);
                TInt64 predicted = TInt64.vectorOf(predicted())) {
            var step = ClusteringGraph.create(Ops.create(graph), config, shape, batchSize, SEED);
            session.runner().addTarget(step.initialize()).run().close();
            long before = ResidentMemory.now();
            ResidentMemory.forgetPeak();
            long start = System.nanoTime();
            session.runner()
                    .feed(step.features(), features)
                    .feed(step.predicted(), predicted)
                    .addTarget(step.run())
                    .fetch(step.loss())
                    .run()
                    .close();
            double seconds = (System.nanoTime() - start) / 1e9;
            return result(ResidentMemory.peak() - before, seconds);
        }
    }

    private ClusteringMemory result(long peak, double seconds) {
        long logits = (long) Float.BYTES * positions * batchSize * prototypes;
        String name = samples.name().toLowerCase(Locale.ROOT);
        return new ClusteringMemory(
                name, batchSize, positions, prototypes, logits, peak, (double) peak / logits, seconds);
    }

    private static ConfigProto cpu() {
        return ConfigProto.newBuilder().putDeviceCount("GPU", 0).build();
    }

    private static TFloat32 noise(Shape shape) {
        var draws = SeededDraws.of(SEED);
        float[] values = new float[Math.toIntExact(shape.size())];
        for (int i = 0; i < values.length; i++) {
            values[i] = (byte) draws.bits();
        }
        return TFloat32.tensorOf(shape, DataBuffers.of(values));
    }

    private long[] predicted() {
        long[] predicted = new long[batchSize];
        for (int image = 0; image < batchSize; image++) {
            predicted[image] = (long) image * positions + image % positions;
        }
        return predicted;
    }
}

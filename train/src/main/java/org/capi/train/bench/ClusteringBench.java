package org.capi.train.bench;

import java.util.Locale;
import java.util.stream.LongStream;
import org.capi.data.CounterRandom;
import org.capi.graph.clustering.ClusteringConfig;
import org.capi.graph.clustering.SinkhornKnopp;
import org.capi.graph.pretrain.ChunkedClustering.ClusteringGraph;
import org.capi.train.metrics.ProcessMemory;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;
import picocli.CommandLine.Option;

/**
 * Measures the memory of one clustering step, forward and backward, on a CPU: features of noise, one predicted position
 * of each image.
 */
public final class ClusteringBench {

    private static final double MIB = 1 << 20;
    private static final long SEED = 1;

    @Option(
            names = "--sinkhorn",
            paramLabel = "KIND",
            defaultValue = "positionwise",
            description = "Kind of Sinkhorn-Knopp: positionwise or standard.")
    private SinkhornKnopp.Grouping samples = SinkhornKnopp.Grouping.POSITIONWISE;

    @Option(names = "--batch", paramLabel = "N", defaultValue = "128", description = "Images in a step.")
    private int batchSize;

    @Option(names = "--positions", paramLabel = "N", defaultValue = "256", description = "Patch positions of an image.")
    private int positions;

    @Option(names = "--prototypes", paramLabel = "N", defaultValue = "16384", description = "Number of prototypes.")
    private int prototypes;

    @Option(names = "--dim", paramLabel = "N", defaultValue = "64", description = "Length of a feature vector.")
    private int dim;

    /**
     * How much memory the clustering part of a step takes.
     *
     * @param sinkhorn which tokens are normalised together
     * @param logitsBytes of one float32 matrix of all logits
     * @param peakBytes the most memory that the process held during a step, less what it held before; null where the
     *     system does not tell
     * @param ratio peak / logits, or null
     * @param seconds of the step
     */
    public record ClusteringMemory(
            String sinkhorn,
            int batchSize,
            int positions,
            int prototypes,
            long logitsBytes,
            @Nullable Long peakBytes,
            @Nullable Double ratio,
            double seconds) {

        @Override
        public String toString() {
            String logits = String.format(Locale.ROOT, "the logits' %.0f MiB", logitsBytes / MIB);
            String memory = peakBytes == null
                    ? "memory unknown on this system, " + logits
                    : String.format(Locale.ROOT, "at most %.0f MiB, %.2f times ", peakBytes / MIB, ratio) + logits;
            return sinkhorn + ": " + memory + String.format(Locale.ROOT, ", in %.1f s", seconds);
        }
    }

    public ClusteringMemory run() {
        if (batchSize < 1 || positions < 1 || prototypes < 2 || dim < 1) {
            throw new IllegalArgumentException("batch, positions and dim must be at least 1 and prototypes 2; were "
                    + batchSize + ", " + positions + ", " + dim + " and " + prototypes);
        }
        // The temperatures of student, teacher and prediction, and the iterations, as in the presets.
        var config = new ClusteringConfig(prototypes, 0.12, 0.06, 0.12, 3, samples, true);
        var shape = Shape.of(positions, batchSize, dim);
        var cpu = ConfigProto.newBuilder().putDeviceCount("GPU", 0).build();
        try (var graph = new Graph();
                var session = new Session(graph, cpu);
                TFloat32 features = noise(shape);
                TInt64 predicted = TInt64.vectorOf(LongStream.range(0, batchSize)
                        .map(image -> image * positions + image % positions)
                        .toArray())) {
            var step = ClusteringGraph.create(Ops.create(graph), config, shape, batchSize, SEED);
            session.runner().addTarget(step.initialize()).run().close();
            Long before = ProcessMemory.now().residentBytes();
            boolean counted = ProcessMemory.resetPeak();
            long start = System.nanoTime();
            session.runner()
                    .feed(step.features(), features)
                    .feed(step.predicted(), predicted)
                    .addTarget(step.run())
                    .fetch(step.loss())
                    .run()
                    .close();
            double seconds = (System.nanoTime() - start) / 1e9;
            Long most = ProcessMemory.peakBytes();
            Long peak = counted && most != null && before != null ? (Long) (most - before) : null;
            long logits = (long) Float.BYTES * positions * batchSize * prototypes;
            Double ratio = peak == null ? null : (Double) ((double) peak / logits);
            String sinkhorn = samples.name().toLowerCase(Locale.ROOT);
            return new ClusteringMemory(sinkhorn, batchSize, positions, prototypes, logits, peak, ratio, seconds);
        }
    }

    private static TFloat32 noise(Shape shape) {
        var draws = CounterRandom.of(SEED);
        float[] values = new float[Math.toIntExact(shape.size())];
        for (int i = 0; i < values.length; i++) {
            values[i] = (byte) draws.bits();
        }
        return TFloat32.tensorOf(shape, DataBuffers.of(values));
    }
}

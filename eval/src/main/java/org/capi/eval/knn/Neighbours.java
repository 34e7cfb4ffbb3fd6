package org.capi.eval.knn;

import java.util.Arrays;
import java.util.List;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Gather;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * Finds the k vectors that are most like each query chunk by chunk: no more than one chunk's likenesses
 * are ever held. Of equally similar ones the earlier comes first.
 */
final class Neighbours implements AutoCloseable {

    private final int k;
    private final Graph graph = new Graph();
    private final Placeholder<TFloat32> queries;
    private final Placeholder<TFloat32> keys;
    private final Placeholder<TInt32> firstKey;
    private final Placeholder<TFloat32> likenessSoFar;
    private final Placeholder<TInt32> rowsSoFar;
    private final Operand<TFloat32> likeness;
    private final Operand<TInt32> rows;
    private final Session session;

    /** Neighbours so far, {@code [queries, k]} each, the nearest first. */
    record Nearest(TFloat32 likeness, TInt32 rows) implements AutoCloseable {

        @Override
        public void close() {
            likeness.close();
            rows.close();
        }
    }

    Neighbours(int k, int dim, Likeness kind) {
        this.k = k;
        Ops tf = Ops.create(graph);
        queries = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, dim)));
        keys = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, dim)));
        firstKey = tf.placeholder(TInt32.class, Placeholder.shape(Shape.scalar()));
        likenessSoFar = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, k)));
        rowsSoFar = tf.placeholder(TInt32.class, Placeholder.shape(Shape.of(-1, k)));
        Operand<TFloat32> similar = tf.linalg.matMul(queries, keys, MatMul.transposeB(true)); // [queries, keys]
        if (kind == Likeness.L2) {
            // -|q - k|², less |q|², which is the same for all keys.
            var lengths = tf.reduceSum(tf.math.square(keys), tf.constant(1));
            similar = tf.math.sub(tf.math.mul(similar, tf.constant(2f)), lengths);
        }
        var keyCount = tf.gather(tf.shape(keys), tf.constant(0), tf.constant(0));
        var inChunk = tf.nn.topK(similar, tf.math.minimum(keyCount, tf.constant(k)), TInt32.class);
        // What was found in earlier chunks stands first: topK keeps the first of equals.
        var candidates = tf.concat(List.of(likenessSoFar, inChunk.values()), tf.constant(1));
        var inAll = tf.math.add(inChunk.indices(), firstKey);
        var candidateRows = tf.concat(List.of(rowsSoFar, inAll), tf.constant(1));
        var chosen = tf.nn.topK(candidates, tf.constant(k), TInt32.class);
        likeness = chosen.values();
        rows = tf.gather(candidateRows, chosen.indices(), tf.constant(1), Gather.batchDims(1L));
        session = new Session(graph);
    }

    /** Looks among keys in chunks of one size, the last of which may be smaller; for the cosine all have length 1. */
    Nearest among(TFloat32 asked, List<TFloat32> known, int chunkSize) {
        Nearest nearest = none(Math.toIntExact(asked.shape().get(0)));
        for (int chunk = 0; chunk < known.size(); chunk++) {
            nearest = further(asked, known.get(chunk), chunk * chunkSize, nearest);
        }
        return nearest;
    }

    private Nearest none(int queryCount) {
        float[] values = new float[queryCount * k];
        Arrays.fill(values, Float.NEGATIVE_INFINITY);
        var shape = Shape.of(queryCount, k);
        return new Nearest(
                TFloat32.tensorOf(shape, DataBuffers.of(values, true, false)),
                TInt32.tensorOf(shape, DataBuffers.of(new int[queryCount * k], true, false)));
    }

    private Nearest further(TFloat32 asked, TFloat32 known, int firstRow, Nearest soFar) {
        try (soFar;
                TInt32 first = TInt32.scalarOf(firstRow)) {
            Result result = session.runner()
                    .feed(queries, asked)
                    .feed(keys, known)
                    .feed(firstKey, first)
                    .feed(likenessSoFar, soFar.likeness)
                    .feed(rowsSoFar, soFar.rows)
                    .fetch(likeness)
                    .fetch(rows)
                    .run();
            return new Nearest((TFloat32) result.get(0), (TInt32) result.get(1));
        }
    }

    @Override
    public void close() {
        session.close();
        graph.close();
    }
}

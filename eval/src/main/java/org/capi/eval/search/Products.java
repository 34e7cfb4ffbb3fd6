package org.capi.eval.search;

import java.nio.ByteBuffer;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.linalg.MatMul;
import org.tensorflow.proto.RunOptions;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;

/** The products of encoded queries and keys, {@code [queries, width] x [keys, width] -> [queries, keys]}. */
final class Products implements AutoCloseable {

    private static final RunOptions ON_THIS_THREAD =
            RunOptions.newBuilder().setInterOpThreadPool(-1).build();

    private final Encoding encoding;
    private final Graph graph = new Graph();
    private final Operand<?> queries;
    private final Operand<?> keys;
    private final Operand<?> products;
    private final Session session;

    Products(Encoding encoding, int queryCount, int keyCount) {
        this.encoding = encoding;
        Ops tf = Ops.create(graph);
        Class<? extends TFloating> type = encoding.precision() == Precision.BFLOAT16 ? TBfloat16.class : TFloat32.class;
        Pair<?> pair = Pair.of(tf, type, queryCount, keyCount, encoding.width());
        queries = pair.queries;
        keys = pair.keys;
        products = pair.products;
        session = new Session(graph);
    }

    private record Pair<T extends TFloating>(Operand<T> queries, Operand<T> keys, Operand<T> products) {

        static <T extends TFloating> Pair<T> of(Ops tf, Class<T> type, int queryCount, int keyCount, int width) {
            var queries = tf.placeholder(type, Placeholder.shape(Shape.of(queryCount, width)));
            var keys = tf.placeholder(type, Placeholder.shape(Shape.of(keyCount, width)));
            return new Pair<>(queries, keys, tf.linalg.matMul(queries, keys, MatMul.transposeB(true)));
        }
    }

    /** Encoded rows as a tensor, which the caller closes. */
    Tensor tensor(ByteBuffer encoded, int rows) {
        var shape = Shape.of(rows, encoding.width());
        var bytes = DataBuffers.of(encoded.clear());
        return encoding.precision() == Precision.BFLOAT16
                ? Tensor.of(TBfloat16.class, shape, bytes)
                : Tensor.of(TFloat32.class, shape, bytes);
    }

    /** Multiplies on the calling thread; the caller closes the result. */
    Result of(Tensor encodedQueries, Tensor encodedKeys) {
        return session.runner()
                .setOptions(ON_THIS_THREAD)
                .feed(queries.asOutput(), encodedQueries)
                .feed(keys.asOutput(), encodedKeys)
                .fetch(products)
                .run();
    }

    @Override
    public void close() {
        session.close();
        graph.close();
    }
}

package org.capi.eval.search;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.capi.data.Progress;
import org.capi.data.Require;
import org.capi.eval.rows.EnumNames;
import org.capi.eval.rows.FeatureRows;
import org.capi.eval.rows.WorkerPool;
import org.tensorflow.Result;
import org.tensorflow.Tensor;

/**
 * Finds the k rows of a bank that are nearest to each query, exactly, in little memory: a chunk of the bank is read,
 * compared with some thousand queries and dropped; neither the bank nor the distances are ever held whole.
 *
 * <p>Products in low precision give every pair a lower bound of its distance ({@link LowerBounds}); only the pairs that
 * the bound does not rule out are measured, in float64. The result therefore does not depend on chunks, threads,
 * precision or device.
 *
 * @param k neighbours of each query
 */
public record ExactKnn(int k, Distance metric, Precision precision, int threads) {

    private static final int QUERIES_AT_ONCE = 256;
    private static final int KEYS_AT_ONCE = 8192;
    private static final int QUERIES_IN_MEMORY = 1 << 15;

    /** Wide rows are taken fewer at a time. */
    private static final int KEY_VALUES_AT_ONCE = 1 << 27;

    private static final int QUERY_VALUES_IN_MEMORY = 1 << 29;

    public ExactKnn {
        Require.atLeastOne("k", k);
        Require.atLeastOne("threads", threads);
    }

    /** Half the squared length of the difference of two rows, as they are or scaled to length 1, ranks them. */
    public enum Distance {
        /** {@code 1 - cos}; a row of zeros is at 1 from all. */
        COSINE,
        /** Euclidean. */
        L2;

        /** The constant of a name such as {@code cosine}. */
        public static Distance named(String name) {
            return EnumNames.find("metric", values(), name);
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }

        private double scale(float[] values, int at, int dim) {
            double squares = this == L2 ? 1 : dot(values, at, values, at, dim);
            return squares == 0 ? 0 : 1 / Math.sqrt(squares);
        }

        /** The distance of rows whose half squared length is given. */
        double of(double half) {
            return this == COSINE ? half : Math.sqrt(2 * half);
        }
    }

    /** The type in which products are computed to rule pairs out. */
    public enum Precision {
        /** Fast where the processor multiplies it in hardware. */
        BFLOAT16(2, 0x1p-9),
        FLOAT32(4, 0x1p-24);

        final int bytes;

        /** The largest relative error of a rounded number. */
        final double rounding;

        Precision(int bytes, double rounding) {
            this.bytes = bytes;
            this.rounding = rounding;
        }

        /** The faster one on this processor; either gives the same neighbours. */
        public static Precision ofThisMachine() {
            try {
                return Files.readString(Path.of("/proc/cpuinfo")).contains("avx512_bf16") ? BFLOAT16 : FLOAT32;
            } catch (IOException e) {
                return FLOAT32;
            }
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** The bits of a number rounded to the nearest of this type. */
        int bits(double value) {
            int bits = Float.floatToRawIntBits((float) value);
            if (this == FLOAT32) {
                return bits;
            }
            return (bits + 0x7fff + ((bits >> 16) & 1)) >>> 16; // to the nearest, to even between two
        }

        /** The number of rounded bits. */
        double value(int bits) {
            return Float.intBitsToFloat(this == FLOAT32 ? bits : bits << 16);
        }
    }

    /** Searches the whole bank for every query; progress counts pairs of chunks. */
    public Neighbours among(FeatureRows bank, FeatureRows queries, Progress progress) {
        return among(bank, queries, Math.max(4, Math.min(KEYS_AT_ONCE, KEY_VALUES_AT_ONCE / bank.dim())), progress);
    }

    Neighbours among(FeatureRows bank, FeatureRows queries, int keysAtOnce, Progress progress) {
        if (k > bank.size()) {
            throw new IllegalArgumentException(
                    "k must be at most the number of rows to search, " + bank.size() + ", was " + k);
        }
        if (bank.dim() != queries.dim()) {
            throw new IllegalArgumentException(
                    "queries of " + queries.dim() + " values are not comparable with rows of " + bank.dim());
        }
        var nearest = new Neighbours(metric, queries.size(), k);
        int chunkSize = (Math.min(keysAtOnce, bank.size()) + 3) / 4 * 4; // a multiple of the bounds in a long
        var workers = new WorkerPool(threads);
        try (workers;
                var bounds = new LowerBounds(precision, bank.dim(), QUERIES_AT_ONCE, chunkSize)) {
            new Search(bank, queries, chunkSize, bounds, workers, nearest).run(progress);
        }
        return nearest;
    }

    private record Search(
            FeatureRows bank,
            FeatureRows queries,
            int chunkSize,
            LowerBounds bounds,
            WorkerPool workers,
            Neighbours nearest) {

        void run(Progress progress) {
            int chunks = (bank.size() - 1) / chunkSize + 1;
            int atOnce = Math.max(QUERIES_AT_ONCE, Math.min(QUERIES_IN_MEMORY, QUERY_VALUES_IN_MEMORY / bank.dim()));
            int rounds = (queries.size() - 1) / atOnce + 1;
            var keys = new Chunk(nearest.metric(), bank.dim(), chunkSize);
            ByteBuffer encoded = bounds.buffer(chunkSize);
            long done = 0;
            for (int from = 0; from < queries.size(); from += atOnce) {
                int first = from;
                int count = Math.min(atOnce, queries.size() - from);
                List<QueryBatch> batches = batches(from, count);
                try {
                    for (int key = 0; key < bank.size(); key += chunkSize) {
                        readKeys(keys, key, encoded);
                        try (Tensor tensor = bounds.tensor(encoded, chunkSize)) {
                            workers.each(
                                    batches.size(), batch -> batches.get(batch).compare(this, keys, tensor));
                        }
                        progress.at(++done, (long) chunks * rounds);
                    }
                    workers.each(count, query -> nearest.sort(first + query));
                } finally {
                    batches.forEach(batch -> batch.encoded.close());
                }
            }
        }

        private void readKeys(Chunk keys, int first, ByteBuffer encoded) {
            keys.read(bank, first, Math.min(chunkSize, bank.size() - first));
            int parts = workers.count();
            workers.each(parts, part -> {
                for (int row = part; row < keys.count; row += parts) {
                    bounds.encode(keys, row, -1, bounds.row(encoded, row));
                }
            });
        }

        private List<QueryBatch> batches(int from, int count) {
            List<QueryBatch> batches = new ArrayList<>();
            for (int first = from; first < from + count; first += QUERIES_AT_ONCE) {
                var chunk = new Chunk(nearest.metric(), queries.dim(), Math.min(QUERIES_AT_ONCE, from + count - first));
                chunk.read(queries, first, chunk.scales.length);
                ByteBuffer encoded = bounds.buffer(QUERIES_AT_ONCE);
                for (int row = 0; row < chunk.count; row++) {
                    bounds.encode(chunk, row, 1, encoded);
                }
                batches.add(new QueryBatch(chunk, bounds.tensor(encoded, QUERIES_AT_ONCE)));
            }
            return batches;
        }
    }

    /** Queries that are compared in one product. */
    private record QueryBatch(Chunk queries, Tensor encoded) {

        void compare(Search search, Chunk keys, Tensor encodedKeys) {
            var candidates = search.bounds.candidates();
            long[] bounds = new long[search.chunkSize / candidates.boundsPerLong()];
            try (Result result = search.bounds.products(encoded, encodedKeys)) {
                var all = result.get(0).asRawTensor().data().asLongs();
                for (int row = 0; row < queries.count; row++) {
                    all.offset((long) row * bounds.length).read(bounds);
                    measure(search.nearest, candidates, row, keys, bounds);
                }
            }
        }

        /** Measures the pairs that the bounds do not rule out. */
        private void measure(
                Neighbours nearest, LowerBounds.Candidates candidates, int row, Chunk keys, long[] bounds) {
            int query = queries.first + row;
            candidates.within(nearest.limit(query));
            for (int i = 0; i < bounds.length; i++) {
                long hits = candidates.among(bounds[i]);
                while (hits != 0) {
                    int key = i * candidates.boundsPerLong() + candidates.lowest(hits);
                    hits &= hits - 1;
                    if (key < keys.count && nearest.offer(query, keys.first + key, queries.half(row, keys, key))) {
                        candidates.within(nearest.limit(query));
                    }
                }
            }
        }
    }

    /** Consecutive rows in memory, with the factor that scales each of them for the metric. */
    static final class Chunk {

        private final Distance metric;
        private final float[] values;
        private final int dim;
        private final double[] scales;
        private int first;
        private int count;

        private Chunk(Distance metric, int dim, int capacity) {
            this.metric = metric;
            this.dim = dim;
            values = new float[Math.multiplyExact(capacity, dim)];
            scales = new double[capacity];
        }

        /** Replaces the rows. */
        private void read(FeatureRows rows, int from, int howMany) {
            first = from;
            count = howMany;
            rows.read(from, howMany, values, 0);
            for (int row = 0; row < howMany; row++) {
                scales[row] = metric.scale(values, row * dim, dim);
            }
        }

        /** An entry of a row, scaled. */
        double at(int row, int d) {
            return values[row * dim + d] * scales[row];
        }

        /** Half the squared distance between a row of this and one of another chunk, in float64. */
        private double half(int row, Chunk other, int otherRow) {
            if (metric == Distance.COSINE) {
                double product = dot(values, row * dim, other.values, otherRow * dim, dim);
                return 1 - product * scales[row] * other.scales[otherRow];
            }
            return squares(values, row * dim, other.values, otherRow * dim, dim) / 2;
        }
    }

    /** In four sums, which the processor computes in parallel. */
    private static double dot(float[] a, int atA, float[] b, int atB, int dim) {
        double sum0 = 0;
        double sum1 = 0;
        double sum2 = 0;
        double sum3 = 0;
        int d = 0;
        for (; d + 3 < dim; d += 4) {
            sum0 += (double) a[atA + d] * b[atB + d];
            sum1 += (double) a[atA + d + 1] * b[atB + d + 1];
            sum2 += (double) a[atA + d + 2] * b[atB + d + 2];
            sum3 += (double) a[atA + d + 3] * b[atB + d + 3];
        }
        for (; d < dim; d++) {
            sum0 += (double) a[atA + d] * b[atB + d];
        }
        return sum0 + sum1 + (sum2 + sum3);
    }

    private static double squares(float[] a, int atA, float[] b, int atB, int dim) {
        double sum0 = 0;
        double sum1 = 0;
        int d = 0;
        for (; d + 1 < dim; d += 2) {
            double difference0 = (double) a[atA + d] - b[atB + d];
            double difference1 = (double) a[atA + d + 1] - b[atB + d + 1];
            sum0 += difference0 * difference0;
            sum1 += difference1 * difference1;
        }
        if (d < dim) {
            double last = (double) a[atA + d] - b[atB + d];
            sum0 += last * last;
        }
        return sum0 + sum1;
    }
}

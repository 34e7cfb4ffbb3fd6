package org.capi.eval.search;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.capi.data.Progress;
import org.capi.eval.rows.FeatureRows;
import org.capi.eval.rows.Workers;
import org.tensorflow.Result;
import org.tensorflow.Tensor;

/**
 * Finds the k rows of a bank that are nearest to each query. Neither the bank nor the distances are ever held whole: a
 * chunk of the bank is read, compared with some thousand queries, and forgotten.
 *
 * @param k neighbours of each query
 * @param threads that compare
 */
public record NearestRows(int k, Metric metric, Precision precision, int threads) {

    private static final int QUERIES_AT_ONCE = 256;
    private static final int KEYS_AT_ONCE = 8192;
    private static final int QUERIES_IN_MEMORY = 1 << 15;

    /** Wide rows are taken fewer at a time. */
    private static final int KEY_VALUES_AT_ONCE = 1 << 27;

    private static final int QUERY_VALUES_IN_MEMORY = 1 << 29;

    public NearestRows {
        if (k < 1) {
            throw new IllegalArgumentException("k must be at least 1, was " + k);
        }
        if (threads < 1) {
            throw new IllegalArgumentException("threads must be at least 1, was " + threads);
        }
    }

    /** Searches the whole bank for every query; progress counts pairs of chunks. */
    public Nearest among(FeatureRows bank, FeatureRows queries, Progress progress) {
        return among(bank, queries, Math.max(4, Math.min(KEYS_AT_ONCE, KEY_VALUES_AT_ONCE / bank.dim())), progress);
    }

    Nearest among(FeatureRows bank, FeatureRows queries, int keysAtOnce, Progress progress) {
        if (k > bank.size()) {
            throw new IllegalArgumentException(
                    "k must be at most the number of rows to search, " + bank.size() + ", was " + k);
        }
        if (bank.dim() != queries.dim()) {
            throw new IllegalArgumentException(
                    "queries of " + queries.dim() + " values are not comparable with rows of " + bank.dim());
        }
        var nearest = new Nearest(metric, queries.size(), k);
        int chunkSize = roundUp(Math.min(keysAtOnce, bank.size()));
        var encoding = new Encoding(precision, bank.dim());
        var workers = new Workers(threads);
        try (workers;
                var products = new Products(encoding, QUERIES_AT_ONCE, chunkSize)) {
            new Search(bank, queries, chunkSize, encoding, products, workers, nearest).run(progress);
        }
        return nearest;
    }

    /** Whole lanes of a {@code long}. */
    private static int roundUp(int keys) {
        return (keys + 3) / 4 * 4;
    }

    /** One search: its bank, its queries, and what is found. */
    private record Search(
            FeatureRows bank,
            FeatureRows queries,
            int chunkSize,
            Encoding encoding,
            Products products,
            Workers workers,
            Nearest nearest) {

        void run(Progress progress) {
            int chunks = (bank.size() - 1) / chunkSize + 1;
            int atOnce = Math.max(QUERIES_AT_ONCE, Math.min(QUERIES_IN_MEMORY, QUERY_VALUES_IN_MEMORY / bank.dim()));
            int turns = (queries.size() - 1) / atOnce + 1;
            var metric = nearest.metric();
            var keys = new Block(metric, bank.dim(), chunkSize);
            ByteBuffer encoded = encoding.buffer(chunkSize);
            long done = 0;
            for (int from = 0; from < queries.size(); from += atOnce) {
                List<Batch> batches = batches(from, Math.min(atOnce, queries.size() - from));
                try {
                    for (int first = 0; first < bank.size(); first += chunkSize) {
                        readKeys(keys, first, encoded);
                        try (Tensor tensor = products.tensor(encoded, chunkSize)) {
                            workers.each(
                                    batches.size(), batch -> batches.get(batch).compare(this, keys, tensor));
                        }
                        progress.at(++done, (long) chunks * turns);
                    }
                    workers.each(batches.size(), batch -> batches.get(batch).sort(nearest));
                } finally {
                    batches.forEach(batch -> batch.encoded.close());
                }
            }
        }

        private void readKeys(Block keys, int first, ByteBuffer encoded) {
            keys.read(bank, first, Math.min(chunkSize, bank.size() - first));
            int rowBytes = encoding.width() * encoding.precision().bytes();
            int parts = workers.count();
            workers.each(parts, part -> {
                for (int row = part; row < keys.count(); row += parts) {
                    ByteBuffer at = encoded.slice(row * rowBytes, rowBytes).order(encoded.order());
                    encoding.key(keys, row, at);
                }
            });
        }

        private List<Batch> batches(int from, int count) {
            int batches = (count + QUERIES_AT_ONCE - 1) / QUERIES_AT_ONCE;
            List<Batch> made = new ArrayList<>();
            IntStream.range(0, batches).forEach(batch -> {
                int first = from + batch * QUERIES_AT_ONCE;
                made.add(batch(first, Math.min(QUERIES_AT_ONCE, from + count - first)));
            });
            return made;
        }

        private Batch batch(int first, int count) {
            var block = new Block(nearest.metric(), queries.dim(), count);
            block.read(queries, first, count);
            ByteBuffer encoded = encoding.buffer(QUERIES_AT_ONCE);
            for (int row = 0; row < count; row++) {
                encoding.query(block, row, encoded);
            }
            return new Batch(block, products.tensor(encoded, QUERIES_AT_ONCE));
        }
    }

    /** Some queries that are compared at once. */
    private record Batch(Block queries, Tensor encoded) {

        void compare(Search search, Block keys, Tensor encodedKeys) {
            var candidates = new Candidates(search.encoding.precision());
            long[] bounds = new long[search.chunkSize / candidates.lanes()];
            try (Result result = search.products.of(encoded, encodedKeys)) {
                var all = result.get(0).asRawTensor().data().asLongs();
                for (int query = 0; query < queries.count(); query++) {
                    all.offset((long) query * bounds.length).read(bounds);
                    measure(search.nearest, candidates, query, keys, bounds);
                }
            }
        }

        void sort(Nearest nearest) {
            for (int query = 0; query < queries.count(); query++) {
                nearest.sort(queries.first() + query);
            }
        }

        /** Measures what the bounds do not rule out. */
        private void measure(Nearest nearest, Candidates candidates, int query, Block keys, long[] bounds) {
            int asked = queries.first() + query;
            candidates.within(nearest.limit(asked));
            for (int i = 0; i < bounds.length; i++) {
                long hits = candidates.among(bounds[i]);
                while (hits != 0) {
                    int row = i * candidates.lanes() + candidates.lane(hits);
                    hits &= hits - 1;
                    if (row < keys.count()
                            && nearest.offer(asked, keys.first() + row, queries.half(query, keys, row))) {
                        candidates.within(nearest.limit(asked));
                    }
                }
            }
        }
    }
}

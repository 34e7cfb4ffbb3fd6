package org.capi.train.bench;

import java.io.IOException;
import java.nio.file.Path;
import org.capi.data.Progress;
import org.capi.data.SeededDraws;
import org.capi.eval.features.FeatureFile;
import org.capi.eval.rows.FeatureRows;
import org.capi.eval.rows.FloatRows;
import org.capi.eval.rows.StoredBytes;
import org.capi.eval.search.Metric;
import org.capi.eval.search.Nearest;
import org.capi.eval.search.NearestRows;
import org.capi.eval.search.Precision;
import org.capi.eval.segment.PatchKnn;
import org.capi.eval.segment.PatchLabels;
import org.capi.train.metrics.ProcessMemory;
import org.jspecify.annotations.Nullable;

/**
 * Times the patch k-NN on random features: for every query the k nearest of the whole bank, and for each pixel of the
 * patch the most frequent label among them.
 *
 * @param mapped a file in which the bank is and stays; null for one in memory
 * @param pixels of a patch
 */
public record KnnBench(
        int bank,
        int queries,
        int dim,
        int classes,
        int pixels,
        int k,
        Metric metric,
        Precision precision,
        int threads,
        @Nullable Path mapped) {

    private static final long SEED = 0;
    private static final int WARM_UP = 512;
    private static final int LABELS_AT_ONCE = 1 << 20;

    public KnnBench {
        if (bank < 1 || queries < 1 || dim < 1 || pixels < 1) {
            throw new IllegalArgumentException("bank, queries, dim and pixels must be at least 1; were " + bank + ", "
                    + queries + ", " + dim + " and " + pixels);
        }
        if ((long) queries * pixels > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("queries times pixels must be at most " + Integer.MAX_VALUE + ", were "
                    + queries + " and " + pixels);
        }
        if (classes < 1 || classes > 256) {
            throw new IllegalArgumentException("classes must be in 1 to 256, was " + classes);
        }
    }

    /** Draws, runs once with few queries, and measures. */
    public KnnTimes run(Progress drawing, Progress searching) throws IOException {
        if (mapped == null) {
            return measured(RandomRows.of(bank, dim, SEED), searching);
        }
        try (FeatureFile features = MappedBank.open(mapped, bank, dim, SEED, drawing)) {
            return measured(features, searching);
        }
    }

    private KnnTimes measured(FeatureRows features, Progress progress) throws IOException {
        FloatRows asked = RandomRows.of(queries, dim, SEED + 1);
        PatchLabels labels = labels();
        var search = new NearestRows(k, metric, precision, threads);
        vote(search, features, new FloatRows(first(asked), dim), labels, (done, total) -> {});
        System.gc(); // what drawing left behind is no part of the search
        long before = held();
        long[] most = {before};
        long started = System.nanoTime();
        vote(search, features, asked, labels, (done, total) -> {
            most[0] = Math.max(most[0], held());
            progress.at(done, total);
        });
        double seconds = (System.nanoTime() - started) / 1e9;
        return new KnnTimes(
                bank,
                queries,
                dim,
                k,
                metric,
                precision,
                threads,
                mapped != null,
                seconds,
                queries / seconds,
                most[0] - before);
    }

    /** Pages of a mapped bank are no memory that is needed: the kernel takes them back when it likes. */
    private long held() {
        return mapped == null ? ProcessMemory.now().residentBytes() : ProcessMemory.anonymousBytes();
    }

    private void vote(
            NearestRows search, FeatureRows features, FeatureRows asked, PatchLabels labels, Progress progress) {
        Nearest nearest = search.among(features, asked, progress);
        PatchKnn.vote(nearest, k, labels);
    }

    private float[] first(FloatRows asked) {
        int count = Math.min(WARM_UP, queries);
        float[] rows = new float[count * dim];
        asked.read(0, count, rows, 0);
        return rows;
    }

    private PatchLabels labels() throws IOException {
        Path scratch = mapped == null
                ? Path.of(System.getProperty("java.io.tmpdir"))
                : mapped.toAbsolutePath().resolveSibling("");
        var draws = SeededDraws.of(SEED, bank);
        int atOnce = Math.max(1, LABELS_AT_ONCE / pixels);
        try (var labels = new StoredBytes.Writer(scratch)) {
            for (int from = 0; from < bank; from += atOnce) {
                byte[] some = new byte[Math.min(atOnce, bank - from) * pixels];
                for (int i = 0; i < some.length; i++) {
                    some[i] = (byte) draws.below(classes);
                }
                labels.append(some);
            }
            return PatchLabels.of(labels.finish(), pixels);
        }
    }
}

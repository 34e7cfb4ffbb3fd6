package org.capi.train.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import org.capi.data.CounterRandom;
import org.capi.data.Progress;
import org.capi.eval.features.FeatureFile;
import org.capi.eval.rows.FeatureRows;
import org.capi.eval.rows.FeatureRows.FloatRows;
import org.capi.eval.rows.StoredBytes;
import org.capi.eval.search.ExactKnn;
import org.capi.eval.search.ExactKnn.Distance;
import org.capi.eval.search.ExactKnn.Precision;
import org.capi.eval.segment.PatchLabels;
import org.capi.train.metrics.ProcessMemory;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * Times the patch k-NN on random features: for every query the k nearest of the whole bank, and for each pixel of the
 * patch the most frequent label among them.
 */
public final class KnnBench {

    private static final long SEED = 0;
    private static final int WARM_UP = 512;
    private static final int LABELS_AT_ONCE = 1 << 20;

    @Option(
            names = "--bank",
            paramLabel = "N",
            defaultValue = "200000",
            description = "Number of training patches, which are searched.")
    private int bank;

    @Option(
            names = "--queries",
            paramLabel = "N",
            defaultValue = "20000",
            description = "Number of test patches, which are classified.")
    private int queries;

    @Option(names = "--dim", paramLabel = "N", defaultValue = "384", description = "Length of a feature vector.")
    private int dim;

    @Option(names = "--classes", paramLabel = "N", defaultValue = "12", description = "Number of classes.")
    private int classes;

    @Option(names = "--pixels", paramLabel = "N", defaultValue = "196", description = "Pixels in a patch.")
    private int pixels;

    @Option(names = "--k", paramLabel = "N", defaultValue = "10", description = "Number of neighbours that vote.")
    private int k;

    @Option(names = "--metric", paramLabel = "NAME", defaultValue = "cosine", description = "Distance: cosine or l2.")
    private String metric = "";

    @Option(
            names = "--precision",
            paramLabel = "TYPE",
            description = "Number type of the first pass, bfloat16 or float32; both give the same neighbours. Default:"
                    + " the faster one on this machine.")
    private @Nullable Precision precision;

    @Option(names = "--threads", paramLabel = "N", description = "Number of threads. Default: one for each core.")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(
            names = "--mapped",
            paramLabel = "FILE",
            description = "Read the training patches from this Arrow file, such as one that embed wrote, without"
                    + " loading it into memory. It is created if it is missing.")
    private @Nullable Path mapped;

    /**
     * How fast the neighbours of patches were found and voted.
     *
     * @param precision of the products that rule pairs out; the neighbours found do not depend on it
     * @param mostBytesBeyondBank the most memory that the process held during the search, less what it held with the
     *     bank and the queries in memory before; with a mapped bank the pages of files do not count; null where the system does not tell
     */
    public record KnnTimes(
            int bank,
            int queries,
            int dim,
            int k,
            Distance metric,
            Precision precision,
            int threads,
            boolean mapped,
            double seconds,
            double queriesPerSecond,
            @Nullable Long mostBytesBeyondBank) {

        @Override
        public String toString() {
            return String.format(Locale.ROOT, "%.1f queries/s (%,d rows of %d, ", queriesPerSecond, bank, dim)
                    + "k " + k + ", " + metric + ", " + precision + ", threads " + threads + ")"
                    + (mostBytesBeyondBank == null ? "" : "; " + (mostBytesBeyondBank >> 20) + " MiB beyond the bank");
        }
    }

    /** Draws, runs once with few queries, and measures. */
    public KnnTimes run(Progress drawing, Progress searching) throws IOException {
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
        Distance distance = Distance.named(metric);
        if (mapped == null) {
            return measure(RandomRows.of(bank, dim, SEED), distance, searching);
        }
        try (FeatureFile features = RandomRows.mapped(mapped, bank, dim, SEED, drawing)) {
            return measure(features, distance, searching);
        }
    }

    private KnnTimes measure(FeatureRows features, Distance distance, Progress progress) throws IOException {
        Precision products = precision == null ? Precision.ofThisMachine() : precision;
        FloatRows test = RandomRows.of(queries, dim, SEED + 1);
        PatchLabels labels = labels();
        var search = new ExactKnn(k, distance, products, threads);
        float[] first = new float[Math.min(WARM_UP, queries) * dim];
        test.read(0, first.length / dim, first, 0);
        PatchLabels.vote(search.among(features, new FloatRows(first, dim), (done, total) -> {}), k, labels);
        System.gc(); // what drawing left behind is no part of the search
        Long before = memory();
        long[] most = {before == null ? 0 : before};
        long started = System.nanoTime();
        Progress measured = (done, total) -> {
            Long now = memory();
            most[0] = now == null ? most[0] : Math.max(most[0], now);
            progress.at(done, total);
        };
        PatchLabels.vote(search.among(features, test, measured), k, labels);
        double seconds = (System.nanoTime() - started) / 1e9;
        return new KnnTimes(
                bank,
                queries,
                dim,
                k,
                distance,
                products,
                threads,
                mapped != null,
                seconds,
                queries / seconds,
                before == null ? null : (Long) (most[0] - before));
    }

    /** Pages of a mapped bank are no memory that is needed: the kernel takes them back when it likes. */
    private @Nullable Long memory() {
        return mapped == null ? ProcessMemory.now().residentBytes() : ProcessMemory.anonymousBytes();
    }

    private PatchLabels labels() throws IOException {
        Path scratch = mapped == null
                ? Path.of(System.getProperty("java.io.tmpdir"))
                : mapped.toAbsolutePath().resolveSibling("");
        var draws = CounterRandom.of(SEED, bank);
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

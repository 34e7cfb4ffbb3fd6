package org.capi.train.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.capi.eval.search.Metric;
import org.capi.eval.search.Precision;
import org.capi.train.bench.KnnBench;
import org.capi.train.bench.KnnTimes;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Times the patch k-NN. */
@Command(
        name = "knn",
        description = "Times the nearest neighbours of patches among random features, and their votes for pixels.",
        footer = {"", "Example: capi bench knn --bank 200000 --queries 20000 --dim 384 --k 10"})
final class BenchKnnCommand implements Callable<Integer> {

    private final Console console;

    @Option(names = "--bank", paramLabel = "N", defaultValue = "200000", description = "Patches that are searched.")
    private int bank;

    @Option(names = "--queries", paramLabel = "N", defaultValue = "20000", description = "Patches that are judged.")
    private int queries;

    @Option(names = "--dim", paramLabel = "N", defaultValue = "384", description = "The length of a feature.")
    private int dim;

    @Option(names = "--classes", paramLabel = "N", defaultValue = "12", description = "How many labels there are.")
    private int classes;

    @Option(names = "--pixels", paramLabel = "N", defaultValue = "196", description = "The pixels of a patch.")
    private int pixels;

    @Option(names = "--k", paramLabel = "N", defaultValue = "10", description = "The neighbours that vote.")
    private int k;

    @Option(names = "--metric", paramLabel = "NAME", defaultValue = "cosine", description = "cosine or l2.")
    private String metric = "";

    @Option(
            names = "--precision",
            paramLabel = "TYPE",
            description = "bfloat16 or float32, for ruling pairs out; else the faster one of this machine.")
    private @Nullable Precision precision;

    @Option(names = "--threads", paramLabel = "N", description = "Threads that compare; else one for each core.")
    private @Nullable Integer threads;

    @Option(
            names = "--mapped",
            paramLabel = "FILE",
            description = "Search a bank that stays in this Arrow file, such as one of embed; drawn if it is missing.")
    private @Nullable Path mapped;

    @Option(names = "--json", description = "Print the result as one line of JSON.")
    private boolean json;

    BenchKnnCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        var bench = new KnnBench(
                bank,
                queries,
                dim,
                classes,
                pixels,
                k,
                Metric.named(metric),
                precision == null ? Precision.ofThisMachine() : precision,
                threads == null ? Runtime.getRuntime().availableProcessors() : threads,
                mapped);
        KnnTimes times = bench.run(console.shown("drawing"), console.shown("searching"));
        console.print(String.format(
                Locale.ROOT,
                "%.1f queries/s (%s rows of %d, k %d, %s, %s, threads %d); %d MiB beyond the bank",
                times.queriesPerSecond(),
                Console.count(bank),
                dim,
                k,
                times.metric(),
                times.precision(),
                times.threads(),
                times.mostBytesBeyondBank() >> 20));
        if (json) {
            console.printJson(times);
        }
        return 0;
    }
}

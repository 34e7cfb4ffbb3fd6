package org.capi.train.cli;

import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.capi.graph.clustering.SinkhornKnopp;
import org.capi.train.bench.ClusteringBench;
import org.capi.train.bench.ClusteringMemory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures the memory of the clustering part of a step. */
@Command(
        name = "clustering",
        description = "Measures the most memory that the clustering part of a step takes on a CPU, in float32.",
        footer = {"", "Example: capi bench clustering --sinkhorn standard --json"})
final class BenchClusteringCommand implements Callable<Integer> {

    private static final double MIB = 1 << 20;

    private final Console console;

    @Option(
            names = "--sinkhorn",
            paramLabel = "KIND",
            defaultValue = "positionwise",
            description = "positionwise or standard. Default: ${DEFAULT-VALUE}.")
    private SinkhornKnopp.Grouping samples = SinkhornKnopp.Grouping.POSITIONWISE;

    @Option(names = "--batch", paramLabel = "N", defaultValue = "128", description = "Images of a step.")
    private int batch;

    @Option(names = "--positions", paramLabel = "N", defaultValue = "256", description = "Positions of an image.")
    private int positions;

    @Option(names = "--prototypes", paramLabel = "N", defaultValue = "16384", description = "Prototypes.")
    private int prototypes;

    @Option(names = "--dim", paramLabel = "N", defaultValue = "64", description = "Width of the features.")
    private int dim;

    @Option(names = "--json", description = "Print the result as one line of JSON.")
    private boolean json;

    BenchClusteringCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        ClusteringMemory memory = new ClusteringBench(samples, batch, positions, prototypes, dim).run();
        console.print(String.format(
                Locale.ROOT,
                "%s: at most %.0f MiB, %.2f times the logits' %.0f MiB, in %.1f s",
                memory.sinkhorn(),
                memory.peakBytes() / MIB,
                memory.ratio(),
                memory.logitsBytes() / MIB,
                memory.seconds()));
        if (json) {
            console.printJson(memory);
        }
        return 0;
    }
}

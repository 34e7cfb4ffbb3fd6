package org.capi.train.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.capi.train.bench.LogisticBench;
import org.capi.train.bench.LogisticTimes;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Times logistic regression. */
@Command(
        name = "logistic",
        description = "Times logistic regression by L-BFGS on drawn features, to a tolerance.",
        footer = {"", "Example: capi bench logistic --rows 100000 --dim 384 --classes 12 --save /tmp/drawn"})
final class BenchLogisticCommand implements Callable<Integer> {

    private final Console console;

    @Option(names = "--rows", paramLabel = "N", defaultValue = "100000", description = "Rows to fit on.")
    private int rows;

    @Option(names = "--dim", paramLabel = "N", defaultValue = "384", description = "The length of a row.")
    private int dim;

    @Option(names = "--classes", paramLabel = "N", defaultValue = "12", description = "How many classes there are.")
    private int classes;

    @Option(names = "--c", paramLabel = "C", defaultValue = "1", description = "The weight of the losses.")
    private double c;

    @Option(
            names = "--tolerance",
            paramLabel = "X",
            defaultValue = "1e-4",
            description = "The largest entry of the mean objective's gradient at the end.")
    private double tolerance;

    @Option(names = "--threads", paramLabel = "N", description = "Threads that compute; else one for each core.")
    private @Nullable Integer threads;

    @Option(
            names = "--save",
            paramLabel = "DIR",
            description = "Where the rows are written as features.f32 and labels.u8, for other programs.")
    private @Nullable Path save;

    @Option(names = "--json", description = "Print the result as one line of JSON.")
    private boolean json;

    BenchLogisticCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        int workers = threads == null ? Runtime.getRuntime().availableProcessors() : threads;
        LogisticTimes times = new LogisticBench(rows, dim, classes, c, tolerance, workers).run(save);
        console.print(String.format(
                Locale.ROOT,
                "%.2f s (%s rows of %d, %d classes, C %s; %d steps, objective %.6g, gradient %.2g)",
                times.seconds(),
                Console.count(rows),
                dim,
                classes,
                c,
                times.iterations(),
                times.objective(),
                times.gradient()));
        if (json) {
            console.printJson(times);
        }
        return 0;
    }
}

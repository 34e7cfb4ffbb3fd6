package org.capi.train.cli;

import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.capi.train.bench.OpTime;
import org.capi.train.bench.StepBench;
import org.capi.train.bench.StepTimes;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Times the training step. */
@Command(
        name = "step",
        description = "Times the training step on noise: teacher, clustering, student, both optimizers, EMA.",
        footer = {"", "Example: capi bench step --preset vits14 optim.batch_size=32 compute.xla=auto"})
final class BenchStepCommand implements Callable<Integer> {

    /** The least share of a step that is worth a line. */
    private static final double SHOWN = 0.005;

    private final Console console;

    @Mixin
    private final ConfigOptions config = new ConfigOptions();

    @Option(names = "--warm-up", paramLabel = "N", defaultValue = "3", description = "Steps before the clock starts.")
    private int warmUp;

    @Option(names = "--steps", paramLabel = "N", defaultValue = "20", description = "Steps that are timed.")
    private int steps;

    @Option(names = "--profile", description = "Trace one more step and print where its time goes, by kind of op.")
    private boolean profile;

    @Option(names = "--json", description = "Print the result as one line of JSON.")
    private boolean json;

    BenchStepCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        try (ConsoleProgress progress = console.progress("stepping")) {
            StepTimes times = new StepBench(config.resolve(), warmUp, steps, profile).run(progress);
            console.print(String.format(
                    Locale.ROOT,
                    "%.1f images/s (batch %d, median step %.4f s, min %.4f, max %.4f; first step after %.1f s)",
                    times.imagesPerSecond(),
                    times.batchSize(),
                    times.medianSeconds(),
                    times.minSeconds(),
                    times.maxSeconds(),
                    times.firstStepSeconds()));
            for (OpTime op : times.ops()) {
                if (op.share() >= SHOWN) {
                    console.print(String.format(
                            Locale.ROOT,
                            "%5.1f %%  %8.2f ms  %4d  %s",
                            100 * op.share(),
                            1000 * op.seconds(),
                            op.count(),
                            op.op()));
                }
            }
            if (json) {
                console.printJson(times);
            }
        }
        return 0;
    }
}

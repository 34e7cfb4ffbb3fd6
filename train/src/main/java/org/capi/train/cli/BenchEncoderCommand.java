package org.capi.train.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.capi.data.files.FolderTree;
import org.capi.savedmodels.VisionEncoder;
import org.capi.train.bench.EncoderBench;
import org.capi.train.bench.EncoderTimes;
import org.capi.train.bench.UntrainedModel;
import org.capi.train.loop.Recipe;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Times an exported encoder. */
@Command(
        name = "encoder",
        description = "Times an exported encoder on noise, as an application calls it.",
        footer = {"", "Example: capi bench encoder --preset vits14 --batch 1,32"})
final class BenchEncoderCommand implements Callable<Integer> {

    private final Console console;

    @Mixin
    private final ConfigOptions config = new ConfigOptions();

    @Option(
            names = "--model",
            paramLabel = "DIR",
            description = "A SavedModel. Default: the configuration's model with random weights.")
    private @Nullable Path model;

    @Option(
            names = "--batch",
            paramLabel = "N",
            split = ",",
            defaultValue = "1,32",
            description = "Images of a call, one or several sizes.")
    private List<Integer> batchSizes = List.of();

    @Option(names = "--size", paramLabel = "PX", defaultValue = "224", description = "The side of the images.")
    private int size;

    @Option(names = "--warm-up", paramLabel = "N", defaultValue = "3", description = "Calls before the clock starts.")
    private int warmUp;

    @Option(names = "--calls", paramLabel = "N", defaultValue = "10", description = "Calls that are timed.")
    private int calls;

    @Option(names = "--json", description = "Print the result as one line of JSON.")
    private boolean json;

    BenchEncoderCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        if (model != null) {
            return time(model);
        }
        Path folder = Files.createTempDirectory("capi-bench");
        try {
            return time(new UntrainedModel(new Recipe(config.resolve()).vit(), 0).write(folder));
        } finally {
            FolderTree.delete(folder);
        }
    }

    private int time(Path folder) {
        var bench = new EncoderBench(size, warmUp, calls);
        List<EncoderTimes> all = new ArrayList<>();
        try (VisionEncoder encoder = VisionEncoder.load(folder);
                ConsoleProgress progress = console.progress("encoding")) {
            for (int batchSize : batchSizes) {
                EncoderTimes times = bench.run(encoder, batchSize, progress);
                all.add(times);
                console.print(String.format(
                        Locale.ROOT,
                        "batch %d: %.1f ms a call (median of %d, min %.1f), %.1f images/s",
                        batchSize,
                        times.medianMillis(),
                        calls,
                        times.minMillis(),
                        times.imagesPerSecond()));
            }
        }
        if (json) {
            console.printJson(Map.of("batches", all));
        }
        return 0;
    }
}

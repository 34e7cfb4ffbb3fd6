package org.capi.train.cli;

import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.capi.data.arrow.ImageDataset;
import org.capi.train.bench.DataBench;
import org.capi.train.bench.DataTimes;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Times the way from a dataset to training batches. */
@Command(
        name = "data",
        description =
                "Times the way from a dataset to training batches: crops of 60 to 100 %% of an image, flips, masks.",
        footer = {"", "Example: capi bench data --data sets/photos:train --threads 2 --images 20000"})
final class BenchDataCommand implements Callable<Integer> {

    private final Console console;

    @Option(names = "--data", required = true, paramLabel = "DIR[:SPLIT]", description = "The images.")
    private String data = "";

    @Option(
            names = "--size",
            paramLabel = "PX",
            defaultValue = "224",
            description = "The height and width of a crop (${DEFAULT-VALUE}).")
    private int size;

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "64",
            description = "The images of a batch (${DEFAULT-VALUE}).")
    private int batch;

    @Option(
            names = "--threads",
            paramLabel = "N",
            defaultValue = "2",
            description = "The threads that make batches (${DEFAULT-VALUE}).")
    private int threads;

    @Option(
            names = "--images",
            paramLabel = "N",
            defaultValue = "8000",
            description = "How many images are timed (${DEFAULT-VALUE}).")
    private int images;

    @Option(names = "--json", description = "Print the result as one line of JSON.")
    private boolean json;

    BenchDataCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        var bench = new DataBench(size, batch, threads, images);
        try (ImageDataset dataset = ImageDataset.open(data);
                ConsoleProgress progress = console.progress("reading")) {
            DataTimes times = bench.run(dataset, progress);
            console.print(String.format(
                    Locale.ROOT,
                    "%.1f images/s (%d px, batch %d, threads %d); reading alone %.2f GB/s with one thread",
                    times.imagesPerSecond(),
                    size,
                    batch,
                    threads,
                    times.readGigabytesPerSecond()));
            for (DataTimes.Stage stage : times.stages()) {
                console.print(String.format(Locale.ROOT, "%9.3f ms  %s", stage.milliseconds(), stage.name()));
            }
            if (json) {
                console.printJson(times);
            }
        }
        return 0;
    }
}

package org.capi.train.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.capi.data.imports.ImportedSplit;
import org.capi.data.source.drawn.Drawings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Draws the embedded set. */
@Command(
        name = "generate",
        description = "Draws a labelled set of shapes and textures with pixel maps, the same for the same seed.",
        footer = {"", "Example: capi data generate --to sets/drawings --train 4000 --val 1000"})
final class DataGenerateCommand implements Callable<Integer> {

    private final Console console;

    @Option(names = "--to", required = true, paramLabel = "DIR", description = "The dataset's folder.")
    private Path to = Path.of("");

    @Option(names = "--train", paramLabel = "N", defaultValue = "2000", description = "The images to train on.")
    private int train;

    @Option(names = "--val", paramLabel = "N", defaultValue = "500", description = "The images to test on.")
    private int val;

    @Option(names = "--size", paramLabel = "PX", defaultValue = "80", description = "The side of an image in pixels.")
    private int size;

    @Option(names = "--seed", paramLabel = "S", defaultValue = "0", description = "What all is drawn from.")
    private long seed;

    @Option(names = "--json", description = "Print the result as one line of JSON.")
    private boolean json;

    DataGenerateCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        var drawings = new Drawings(train, val, size, seed);
        try (ConsoleProgress progress = console.progress("drawing")) {
            List<ImportedSplit> splits = drawings.generate(to, progress);
            new DataReport(console, json).written(splits);
        }
        return 0;
    }
}

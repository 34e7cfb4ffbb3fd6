package org.capi.train.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.capi.data.source.ImageFolder;
import org.capi.data.source.ImportOptions;
import org.capi.data.source.ImportedSplit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Turns a collection of images into a dataset. */
@Command(
        name = "import",
        description = "Turns a collection of images into a dataset of Arrow shards, checking every image.",
        footer = {
            "",
            "Without --split, children named train, training, val, validation or test are the splits;",
            "without such children all images are the split train.",
            "",
            "Example: capi data import --source imagefolder --from photos --to sets/photos"
        })
final class DataImportCommand implements Callable<Integer> {

    private final Console console;

    @Option(
            names = "--source",
            required = true,
            paramLabel = "KIND",
            description = "What the collection is: ${COMPLETION-CANDIDATES}."
                    + " imagefolder: a folder for each class, or one flat folder without labels.")
    private Kind source = Kind.IMAGEFOLDER;

    @Option(names = "--from", required = true, paramLabel = "PATH", description = "Where the collection is.")
    private Path from = Path.of("");

    @Option(names = "--to", required = true, paramLabel = "DIR", description = "The dataset's folder.")
    private Path to = Path.of("");

    @Option(names = "--split", paramLabel = "NAME", description = "Take all of PATH as this new split of DIR.")
    private @Nullable String split;

    @Option(
            names = "--on-error",
            paramLabel = "skip|fail",
            defaultValue = "skip",
            description = "At an image that cannot be read: leave it out and count it, or stop.")
    private ImportOptions.OnError onError = ImportOptions.OnError.SKIP;

    @Option(
            names = "--max-skipped",
            paramLabel = "FRACTION",
            defaultValue = "0.05",
            description = "The largest part of the images that may be left out.")
    private double maxSkipped;

    @Option(names = "--json", description = "Print the result as one line of JSON.")
    private boolean json;

    /** The kinds of collections. */
    enum Kind {
        IMAGEFOLDER;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    DataImportCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        var options =
                new ImportOptions(onError, maxSkipped, Runtime.getRuntime().availableProcessors());
        ImageFolder folder = switch (source) {
            case IMAGEFOLDER -> split == null ? ImageFolder.open(from) : ImageFolder.open(from, split);
        };
        try (ConsoleProgress progress = console.progress("importing")) {
            List<ImportedSplit> splits = folder.importTo(to, options, progress::at);
            new DataReport(console, json).written(splits);
        }
        return 0;
    }
}

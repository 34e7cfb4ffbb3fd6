package org.capi.train.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.capi.data.image.ImageHeader;
import org.capi.data.imports.Import;
import org.capi.data.imports.ImportOptions;
import org.capi.data.imports.ImportedSplit;
import org.capi.data.imports.SourceKind;
import org.capi.data.source.Source;
import org.capi.data.source.SourceOptions;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Turns a collection of images into a dataset. */
@Command(
        name = "import",
        description = "Turns a collection of images into a dataset of Arrow shards, checking every image.",
        footer = {
            "",
            "Without --split the splits go by name, in capitals or not: train, training,",
            "val, valid, validation, dev, test and testing. Where no name says anything,",
            "all images are the split train. Folders of splits next to other folders with",
            "images are refused: --split train takes all of them as classes.",
            "In NAME-00000-of-00002.parquet, .tar or .arrow the split is NAME.",
            "What is passed over is counted and named: hidden folders, those of a system",
            "(@eaDir, __MACOSX, ...), files that are not named like images, and missing",
            "numbered files.",
            "An import that was stopped continues when the same command is given again.",
            "",
            "Example: capi data import --source imagefolder --from photos --to sets/photos"
        })
final class DataImportCommand implements Callable<Integer> {

    private final Console console;

    @Option(
            names = "--source",
            required = true,
            paramLabel = "KIND",
            converter = SourceKindName.class,
            completionCandidates = SourceKindName.Meanings.class,
            description = "What the collection is:%n${COMPLETION-CANDIDATES}")
    private SourceKind source = SourceKind.IMAGEFOLDER;

    @Option(names = "--from", required = true, paramLabel = "PATH", description = "Where the collection is.")
    private Path from = Path.of("");

    @Option(names = "--to", required = true, paramLabel = "DIR", description = "The dataset's folder.")
    private Path to = Path.of("");

    @Option(
            names = "--split",
            paramLabel = "NAME",
            description = "Take all of PATH as this new split of DIR; its folders are classes.")
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

    @Option(
            names = "--max-pixels",
            paramLabel = "N",
            defaultValue = "" + ImageHeader.MAX_PIXELS,
            description = "The most pixels of an image; a larger one is left out.")
    private long maxPixels;

    @Option(
            names = "--ignore",
            paramLabel = "LABEL",
            split = ",",
            description = "Values of label maps that stand for no class, such as 255.")
    private Set<Integer> ignored = Set.of();

    @Option(names = "--no-labels", description = "Leave out the labels of the images.")
    private boolean noLabels;

    @Option(
            names = "--shard-mb",
            paramLabel = "MB",
            defaultValue = "256",
            description = "The size at which a new shard begins.")
    private int shardMegabytes;

    @Option(names = "--json", description = "Print the result as one line of JSON.")
    private boolean json;

    DataImportCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        if (shardMegabytes < 1) {
            throw new IllegalArgumentException("--shard-mb must be at least 1, was " + shardMegabytes);
        }
        var options = new ImportOptions(
                onError,
                maxSkipped,
                maxPixels,
                ignored,
                (long) shardMegabytes << 20,
                Runtime.getRuntime().availableProcessors());
        boolean skip = onError == ImportOptions.OnError.SKIP;
        Source collection = source.openWith(new SourceOptions(split, !noLabels, skip), from);
        try (ConsoleProgress progress = console.progress("importing")) {
            List<ImportedSplit> splits = Import.run(collection, to, options, progress);
            new DataReport(console, json).written(splits);
        }
        return 0;
    }
}

package org.capi.train.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.capi.data.Require;
import org.capi.data.arrow.DatasetInfo;
import org.capi.data.arrow.DatasetPath;
import org.capi.data.arrow.ImageDataset;
import org.capi.data.arrow.ImageDataset.DatasetSummary;
import org.capi.data.arrow.Verification;
import org.capi.data.image.ImageHeader;
import org.capi.data.imports.Import;
import org.capi.data.imports.Import.ImportedSplit;
import org.capi.data.imports.ImportOptions;
import org.capi.data.imports.SourceKind;
import org.capi.data.source.Source;
import org.capi.data.source.Source.SourceOptions;
import org.capi.data.source.drawn.Drawings;
import org.capi.train.config.ConfigFile;
import org.capi.train.config.NearestName;
import org.capi.train.inspect.DatasetPage;
import org.capi.train.metrics.ProgressLine;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** The commands that make and look at datasets. */
@Command(
        name = "data",
        description = "Imports images as a dataset, draws an example dataset, or shows what a dataset holds.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {DataCommand.GenerateData.class, DataCommand.ImportData.class, DataCommand.InspectData.class},
        footer = {"", "Example:", "  ./capi data import --source imagefolder --from photos --to sets/photos"})
final class DataCommand {

    @Command(
            name = "generate",
            description =
                    "Draws an example dataset: patterned shapes of ten classes on textured backgrounds, with a class"
                            + " for every image and every pixel. The same seed gives the same images.",
            footer = {"", "Example:", "  ./capi data generate --to sets/drawings --train 4000 --val 1000"})
    static final class GenerateData extends ResultCommand {

        @Option(names = "--to", required = true, paramLabel = "DIR", description = "The folder to write.")
        private Path to = Path.of("");

        @Option(names = "--train", paramLabel = "N", defaultValue = "2000", description = "Number of training images.")
        private int train;

        @Option(names = "--val", paramLabel = "N", defaultValue = "500", description = "Number of test images.")
        private int val;

        @Option(
                names = "--size",
                paramLabel = "PX",
                defaultValue = "80",
                description = "Width and height of an image in pixels.")
        private int size;

        @Option(names = "--seed", paramLabel = "S", defaultValue = "0", description = "Seed of the random numbers.")
        private long seed;

        @Override
        public Integer call() throws IOException {
            return reportSplits(this, new Drawings(train, val, size, seed).generate(to, console.progress("drawing")));
        }
    }

    @Command(
            name = "import",
            description =
                    "Checks every image of a collection and writes them as a dataset (Arrow files with checksums). The"
                            + " images are copied as they are. If the command is interrupted, give it again and"
                            + " it continues.",
            footer = {
                "",
                "Splits: folders or files named train, training, val, valid, validation, dev,",
                "test or testing (in upper or lower case) become splits of the dataset. In",
                "NAME-00000-of-00002.parquet, .tar or .arrow the split is NAME. Without such",
                "names all images go into the split train. Split folders next to other folders",
                "of images are refused; --split train takes all of them as classes.",
                "",
                "Skipped and reported: hidden folders, system folders (@eaDir, __MACOSX, ...),",
                "files whose names are not those of images, and missing numbered files.",
                "",
                "Example:",
                "  ./capi data import --source imagefolder --from photos --to sets/photos"
            })
    static final class ImportData extends ResultCommand {

        @Option(
                names = "--source",
                required = true,
                paramLabel = "KIND",
                converter = KindConverter.class,
                completionCandidates = KindMeanings.class,
                description = "The kind of collection:%n${COMPLETION-CANDIDATES}")
        private SourceKind source = SourceKind.IMAGEFOLDER;

        @Option(names = "--from", required = true, paramLabel = "PATH", description = "The folder or file to import.")
        private Path from = Path.of("");

        @Option(names = "--to", required = true, paramLabel = "DIR", description = "The dataset's folder to write.")
        private Path to = Path.of("");

        @Option(
                names = "--split",
                paramLabel = "NAME",
                description = "Import everything in PATH as the split NAME. Its folders are the classes.")
        private @Nullable String split;

        @Option(
                names = "--on-error",
                paramLabel = "skip|fail",
                defaultValue = "skip",
                description = "What to do about an unreadable image: skip and count it, or fail.")
        private ImportOptions.OnError onError = ImportOptions.OnError.SKIP;

        @Option(
                names = "--max-skipped",
                paramLabel = "FRACTION",
                defaultValue = "0.05",
                description = "The import fails if more than this fraction of the images is skipped.")
        private double maxSkipped;

        @Option(
                names = "--max-pixels",
                paramLabel = "N",
                defaultValue = "" + ImageHeader.MAX_PIXELS,
                description = "Images with more pixels (width x height) are skipped.")
        private long maxPixels;

        @Option(
                names = "--ignore",
                paramLabel = "LABEL",
                split = ",",
                description = "Values in label maps that mean no class, such as 255.")
        private Set<Integer> ignored = Set.of();

        @Option(names = "--no-labels", description = "Import the images without their labels.")
        private boolean noLabels;

        @Option(
                names = "--shard-mb",
                paramLabel = "MB",
                defaultValue = "256",
                description = "About how large a file of the dataset becomes, in megabytes.")
        private int shardMegabytes;

        @Override
        public Integer call() throws IOException {
            Require.atLeastOne("--shard-mb", shardMegabytes);
            int threads = Runtime.getRuntime().availableProcessors();
            var options =
                    new ImportOptions(onError, maxSkipped, maxPixels, ignored, (long) shardMegabytes << 20, threads);
            boolean skip = onError == ImportOptions.OnError.SKIP;
            Source collection = source.openWith(new SourceOptions(split, !noLabels, skip), from);
            return reportSplits(this, Import.run(collection, to, options, console.progress("importing")));
        }

        static final class KindConverter implements ITypeConverter<SourceKind> {

            @Override
            public SourceKind convert(String name) {
                List<String> kinds =
                        Stream.of(SourceKind.values()).map(SourceKind::toString).toList();
                return Stream.of(SourceKind.values())
                        .filter(kind -> kind.toString().equals(name))
                        .findFirst()
                        .orElseThrow(() -> new TypeConversionException("unknown kind " + name + "; "
                                + NearestName.question(name, kinds) + "There are " + String.join(", ", kinds)));
            }
        }

        /** Every kind with its meaning, a line each, for the help. */
        static final class KindMeanings implements Iterable<String> {

            @Override
            public Iterator<String> iterator() {
                return Arrays.stream(SourceKind.values())
                        .map(kind -> kind + ": " + kind.meaning() + "%n")
                        .iterator();
            }
        }
    }

    @Command(
            name = "inspect",
            description =
                    "Shows what a dataset holds: numbers of images, sizes and classes. --html writes it as a page with"
                            + " pictures.",
            footer = {"", "Example:", "  ./capi data inspect sets/photos --verify --html photos.html"})
    static final class InspectData extends ResultCommand {

        @Parameters(paramLabel = "DIR[:SPLIT]", description = "The dataset, or one split of it.")
        private String dataset = "";

        @Option(names = "--verify", description = "Read all files, compare their checksums and report every fault.")
        private boolean verify;

        @ArgGroup(exclusive = false)
        private @Nullable PageOptions page;

        static final class PageOptions {

            @Option(
                    names = "--html",
                    required = true,
                    paramLabel = "FILE",
                    description = "Write a page with pictures of each class, image sizes, skipped files, and the"
                            + " crops and masks that training uses.")
            private Path file = Path.of("");

            @Option(
                    names = "--preset",
                    paramLabel = "NAME",
                    description = "The preset whose crops and masks the page shows. Default: imagenette.")
            private @Nullable String preset;

            @Option(
                    names = "--config",
                    paramLabel = "FILE",
                    description = "A configuration file in place of a preset, such as a run's config.yaml.")
            private @Nullable Path config;

            @Option(
                    names = "--seed",
                    paramLabel = "S",
                    description = "Seed of these crops and masks. Default: the configuration's seed.")
            private @Nullable Long seed;
        }

        /** One split; a damaged one may not be readable enough to be counted. */
        private record InspectedSplit(
                String split,
                String folder,
                String source,
                @Nullable DatasetSummary summary,
                int shards,
                DatasetInfo.Skipped skipped,
                List<String> damage) {}

        @Override
        public Integer call() throws IOException {
            List<InspectedSplit> splits = new ArrayList<>();
            for (Path folder : DatasetPath.parse(dataset).splits()) {
                splits.add(inspect(folder));
            }
            if (page != null) {
                ConfigFile config = ConfigOptions.base(page.preset, page.config, "imagenette");
                ConfigFile seeded = page.seed == null ? config : config.with(List.of("seed=" + page.seed));
                new DatasetPage(dataset, seeded.resolve()).write(page.file);
                console.say("wrote the page " + page.file);
            }
            if (json) {
                printJson(Map.of("splits", splits));
            } else {
                splits.forEach(this::print);
            }
            int faults = splits.stream().mapToInt(split -> split.damage.size()).sum();
            if (faults > 0) {
                throw new IllegalStateException("the dataset " + dataset + " is damaged: " + faults
                        + (faults == 1 ? " fault is" : " faults are") + " listed above; import it again");
            }
            return 0;
        }

        private InspectedSplit inspect(Path folder) throws IOException {
            List<String> faults =
                    verify ? Verification.faults(folder, console.progressInBytes("verifying " + folder)) : List.of();
            if (!faults.isEmpty()) {
                String name = String.valueOf(folder.getFileName());
                return new InspectedSplit(name, folder.toString(), "", null, 0, DatasetInfo.Skipped.NONE, faults);
            }
            try (ImageDataset split = ImageDataset.open(folder)) {
                DatasetInfo info = split.info();
                return new InspectedSplit(
                        String.valueOf(split.folder().getFileName()),
                        split.folder().toString(),
                        info.source(),
                        split.summary(),
                        info.shards().size(),
                        info.skipped(),
                        faults);
            }
        }

        private void print(InspectedSplit split) {
            DatasetSummary summary = split.summary;
            if (summary == null) {
                console.print(split.folder + ": damaged, cannot be read");
            } else {
                String head = "%s: %,d images from %s%s";
                console.printf(head, split.folder, summary.images(), split.source, skippedText(split.skipped));
                String width = range(summary.minWidth(), summary.maxWidth());
                String height = range(summary.minHeight(), summary.maxHeight());
                String sizes = "  %s x %s pixels, %.1f MB in %d %s";
                String files = split.shards == 1 ? "file" : "files";
                console.printf(sizes, width, height, summary.bytes() / 1e6, split.shards, files);
                String labels = "  %,d with labels, %,d with label maps, %d classes";
                console.printf(
                        labels,
                        summary.labelled(),
                        summary.labelMaps(),
                        summary.classes().size());
                summary.classes().forEach(entry -> console.printf("    %s %,d", entry.name(), entry.images()));
            }
            if (verify) {
                split.damage.forEach(fault -> console.print("  damaged: " + fault));
                console.print(
                        "  checksums: " + (split.damage.isEmpty() ? "all files are intact" : "files are damaged"));
            }
        }

        private static String range(int min, int max) {
            return min == max ? Integer.toString(min) : min + ".." + max;
        }
    }

    private record WrittenSplit(String split, String folder, long images, int classes, DatasetInfo.Skipped skipped) {

        @Override
        public String toString() {
            return folder + ": " + ProgressLine.count(images) + " images, " + classes + " classes"
                    + skippedText(skipped);
        }
    }

    /** Prints the splits that were written, as lines or as JSON. */
    private static int reportSplits(ResultCommand command, List<ImportedSplit> splits) {
        List<WrittenSplit> written = new ArrayList<>();
        for (ImportedSplit split : splits) {
            DatasetInfo info = split.info();
            int classes = info.classes().size();
            written.add(
                    new WrittenSplit(split.name(), split.folder().toString(), info.images(), classes, info.skipped()));
        }
        if (!command.json) {
            written.forEach(split -> command.console.print(split.toString()));
        }
        command.printJson(Map.of("splits", written));
        return 0;
    }

    private static String skippedText(DatasetInfo.Skipped skipped) {
        if (skipped.images() == 0) {
            return "";
        }
        return skipped.reasons().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(reason -> ProgressLine.count(reason.getValue()) + " " + reason.getKey())
                .collect(Collectors.joining(", ", "; skipped " + ProgressLine.count(skipped.images()) + ": ", ""));
    }
}

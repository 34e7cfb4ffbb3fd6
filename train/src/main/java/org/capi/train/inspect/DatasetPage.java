package org.capi.train.inspect;

import static org.capi.train.metrics.ProgressLine.count;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.capi.data.arrow.DatasetInfo;
import org.capi.data.arrow.DatasetPath;
import org.capi.data.arrow.ImageDataset;
import org.capi.data.image.ImageKernels;
import org.capi.eval.report.Charts.Histograms;
import org.capi.eval.report.Charts.Histograms.Histogram;
import org.capi.eval.report.Report;
import org.capi.eval.report.Section;
import org.capi.eval.report.Section.Facts;
import org.capi.eval.report.Section.Facts.Fact;
import org.capi.eval.report.Section.Table;
import org.capi.train.config.PretrainConfig;

/**
 * A page that shows a dataset: every split with its classes, sizes and what was left out, and what a pretraining sees.
 *
 * @param dataset as the user named it, {@code DIR[:SPLIT]}
 * @param config whose crops and masks are shown
 */
public record DatasetPage(String dataset, PretrainConfig config) {

    private static final int FEW_CLASSES = 12;
    private static final int MAX_SKIPPED_NAMES = 100;

    /** Writes the page to a file, which it replaces. */
    public void write(Path file) throws IOException {
        if (Files.isDirectory(file)) {
            throw new IllegalArgumentException("--html names a file, " + file + " is a folder");
        }
        Path folder = file.toAbsolutePath().resolveSibling("");
        List<Path> splits = DatasetPath.parse(dataset).splits();
        List<Section> sections = new ArrayList<>();
        Set<String> sources = new LinkedHashSet<>();
        long images = 0;
        try (var kernels = new ImageKernels()) {
            for (Path split : splits) {
                try (ImageDataset opened = ImageDataset.open(split)) {
                    images += opened.size();
                    sources.add(opened.info().source());
                    sections.addAll(split(opened, splits, kernels));
                }
            }
        }
        Files.createDirectories(folder);
        String lead = String.format(
                Locale.ROOT,
                "%,d images in %d %s, from %s.",
                images,
                splits.size(),
                splits.size() == 1 ? "split" : "splits",
                String.join(" and ", sources));
        new Report("Dataset " + dataset, lead, sections).write(file);
    }

    private List<Section> split(ImageDataset split, List<Path> splits, ImageKernels kernels) throws IOException {
        String name = String.valueOf(split.folder().getFileName());
        UnaryOperator<String> headed = splits.size() == 1
                ? heading -> heading.substring(0, 1).toUpperCase(Locale.ROOT) + heading.substring(1)
                : heading -> name + ": " + heading;
        var statistics = DatasetStatistics.of(split);
        var pictures = new DatasetPictures(split, kernels);
        List<Section> sections = new ArrayList<>();
        sections.add(facts(headed.apply("facts"), split, statistics));
        sections.add(sizes(headed.apply("sizes"), split, statistics));
        sections.add(pictures.classes(statistics, headed.apply(split.classes().isEmpty() ? "images" : "classes")));
        if (split.info().labelMaps() > 0) {
            sections.add(pictures.labelMaps(headed.apply("label maps")));
        }
        if (isTrainedOn(split.folder(), splits)) {
            sections.add(pictures.training(config.batches(), headed.apply("what training uses")));
        }
        sections.addAll(
                skipped(headed.apply("left out"), split.folder(), split.info().skipped()));
        return sections;
    }

    /** A pretraining takes the split {@code train}; where there is none, the first is shown. */
    private static boolean isTrainedOn(Path folder, List<Path> splits) {
        return splits.stream()
                .filter(split -> split.endsWith("train"))
                .findFirst()
                .orElse(splits.get(0))
                .equals(folder);
    }

    private static Facts facts(String heading, ImageDataset split, DatasetStatistics statistics) {
        var info = split.info();
        var widths = statistics.widths();
        var heights = statistics.heights();
        return new Facts(
                heading,
                List.of(
                        new Fact("images", count(split.size())),
                        new Fact("with a class", count(info.labelled())),
                        new Fact("with a label map", count(info.labelMaps())),
                        new Fact("classes", count(split.classes().size())),
                        new Fact("width", range(widths.firstKey(), widths.lastKey())),
                        new Fact("height", range(heights.firstKey(), heights.lastKey())),
                        new Fact("all files", bytes(statistics.bytes())),
                        new Fact("mean file", bytes(statistics.bytes() / Math.max(1, split.size()))),
                        new Fact("shards", count(info.shards().size())),
                        new Fact("left out", count(info.skipped().images()))));
    }

    private static Histograms sizes(String heading, ImageDataset split, DatasetStatistics statistics) {
        List<Histogram> histograms = new ArrayList<>(List.of(
                Bins.values("Width", "pixels", statistics.widths()),
                Bins.values("Height", "pixels", statistics.heights()),
                Bins.aspects("Aspect", "width : height, nearest of these", statistics.aspects()),
                Bins.bytes("File size", "size of the file", statistics.sizes())));
        int classes = split.classes().size();
        if (classes > FEW_CLASSES) {
            histograms.add(
                    Bins.values("Classes by number of images", "images in a class", statistics.classSizes(classes)));
        }
        return new Histograms(heading, "How many images have each size.", histograms);
    }

    /** The reasons and the names of what an import left out; nothing where nothing was left out. */
    private static List<Section> skipped(String heading, Path folder, DatasetInfo.Skipped skipped) throws IOException {
        if (skipped.images() == 0) {
            return List.of();
        }
        List<List<String>> reasons = skipped.reasons().entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed().thenComparing(Map.Entry.comparingByKey()))
                .map(reason -> List.of(reason.getKey(), count(reason.getValue())))
                .toList();
        Path file = folder.resolve(DatasetInfo.SKIPPED_FILE);
        List<List<String>> names = skippedNames(file, skipped);
        String note = "";
        if (names.size() < skipped.images()) {
            note = "The first " + names.size() + " of " + count(skipped.images())
                    + (Files.exists(file) ? "; all are in " + file + "." : ".");
        }
        String lead = count(skipped.images()) + " images were skipped by the import.";
        return List.of(
                new Table(heading + ": reasons", lead, List.of("reason", "images"), reasons),
                new Table(heading + ": files", note, List.of("name", "reason"), names));
    }

    /** Reads names and reasons from {@code skipped.tsv}, which has all, with a tab between; else the examples. */
    private static List<List<String>> skippedNames(Path file, DatasetInfo.Skipped skipped) throws IOException {
        if (!Files.isRegularFile(file)) {
            return skipped.examples().stream()
                    .limit(MAX_SKIPPED_NAMES)
                    .map(example -> pair(example, ": "))
                    .toList();
        }
        // Not Files.newBufferedReader, which refuses names that are no UTF-8.
        try (var reader =
                new BufferedReader(new InputStreamReader(Files.newInputStream(file), StandardCharsets.UTF_8))) {
            return reader.lines()
                    .limit(MAX_SKIPPED_NAMES)
                    .map(line -> pair(line, "\t"))
                    .toList();
        }
    }

    private static List<String> pair(String text, String between) {
        int at = text.indexOf(between);
        return at < 0 ? List.of(text, "") : List.of(text.substring(0, at), text.substring(at + between.length()));
    }

    static String bytes(long bytes) {
        double value = bytes / 1e3;
        String unit = "kB";
        for (String next : List.of("MB", "GB", "TB")) {
            if (value >= 1000) {
                value /= 1000;
                unit = next;
            }
        }
        return String.format(Locale.ROOT, "%,.1f %s", value, unit);
    }

    private static String range(long min, long max) {
        return min == max ? min + " pixels" : min + " to " + max + " pixels";
    }
}

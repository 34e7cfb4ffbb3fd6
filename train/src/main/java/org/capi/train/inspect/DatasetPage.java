package org.capi.train.inspect;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.capi.data.arrow.DatasetPath;
import org.capi.data.arrow.ImageDataset;
import org.capi.data.image.ImageKernels;
import org.capi.eval.report.Facts;
import org.capi.eval.report.Facts.Fact;
import org.capi.eval.report.Histograms;
import org.capi.eval.report.Histograms.Histogram;
import org.capi.eval.report.Report;
import org.capi.eval.report.Section;
import org.capi.train.config.PretrainConfig;
import org.capi.train.loop.Recipe;

/**
 * A page that shows a dataset: every split with its classes, sizes and what was left out, and what a pretraining sees.
 *
 * @param dataset as the user named it, {@code DIR[:SPLIT]}
 * @param config whose crops and masks are shown
 */
public record DatasetPage(String dataset, PretrainConfig config) {

    private static final String TRAIN = "train";
    private static final int FEW_CLASSES = 12;

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
        UnaryOperator<String> headed = splits.size() == 1 ? DatasetPage::capitalized : heading -> name + ": " + heading;
        Census census = Census.of(split);
        List<Section> sections = new ArrayList<>();
        sections.add(facts(headed.apply("facts"), split, census));
        sections.add(sizes(headed.apply("sizes"), split, census));
        sections.add(new ClassSheet(split, census, kernels)
                .sheet(headed.apply(split.classes().isEmpty() ? "images" : "classes")));
        if (split.info().labelMaps() > 0) {
            sections.add(new LabelMaps(split, kernels).pictures(headed.apply("label maps")));
        }
        if (isTrainedOn(split.folder(), splits)) {
            var settings = new Recipe(config).batches();
            sections.add(new TrainingView(split, settings, kernels).pictures(headed.apply("what training sees")));
        }
        sections.addAll(new LeftOut(split.folder(), split.info().skipped()).sections(headed.apply("left out")));
        return sections;
    }

    /** A pretraining takes the split {@code train}; where there is none, the first is shown. */
    private static boolean isTrainedOn(Path folder, List<Path> splits) {
        return splits.stream()
                .filter(split -> split.endsWith(TRAIN))
                .findFirst()
                .orElse(splits.get(0))
                .equals(folder);
    }

    private static Facts facts(String heading, ImageDataset split, Census census) {
        var info = split.info();
        return new Facts(
                heading,
                List.of(
                        new Fact("images", count(split.size())),
                        new Fact("with a class", count(info.labelled())),
                        new Fact("with a label map", count(info.labelMaps())),
                        new Fact("classes", count(split.classes().size())),
                        new Fact(
                                "width",
                                range(
                                        census.widths().firstKey(),
                                        census.widths().lastKey())),
                        new Fact(
                                "height",
                                range(
                                        census.heights().firstKey(),
                                        census.heights().lastKey())),
                        new Fact("all files", bytes(census.bytes())),
                        new Fact("mean file", bytes(census.bytes() / Math.max(1, split.size()))),
                        new Fact("shards", count(info.shards().size())),
                        new Fact("left out", count(info.skipped().images()))));
    }

    private static Histograms sizes(String heading, ImageDataset split, Census census) {
        List<Histogram> histograms = new ArrayList<>(List.of(
                Bins.values("Width", "pixels", census.widths()),
                Bins.values("Height", "pixels", census.heights()),
                Bins.aspects("Aspect", "width : height, the nearest of these", census.aspects()),
                Bins.bytes("File size", "bytes of the encoded image", census.sizes())));
        if (split.classes().size() > FEW_CLASSES) {
            histograms.add(Bins.values(
                    "Classes by their number of images",
                    "images of a class",
                    census.classSizes(split.classes().size())));
        }
        return new Histograms(heading, "How many images have which size.", histograms);
    }

    private static String capitalized(String heading) {
        return heading.substring(0, 1).toUpperCase(Locale.ROOT) + heading.substring(1);
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

    private static String range(long least, long most) {
        return least == most ? least + " pixels" : least + " to " + most + " pixels";
    }

    private static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }
}

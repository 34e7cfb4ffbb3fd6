package org.capi.eval.recipe;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.capi.eval.features.Confusion;
import org.capi.eval.probe.ProbeResult;
import org.capi.eval.report.Figures.Gallery;
import org.capi.eval.report.Figures.MarkedPictures.Meaning;
import org.capi.eval.report.Section;
import org.jspecify.annotations.Nullable;

/** What entries put into a report: figures, accuracies by class with the confusion matrix, and the paper's numbers. */
final class EntrySections {

    private static final int MAX_CLASSES = 60;

    /**
     * Top-1 and mIoU of CAPI ViT-L/14 on LVD-142M as the paper gives them (arXiv 2502.08769, headline and tables 4, 5
     * and 7; segmentation with standardised features).
     */
    private static final Map<String, Double> PAPER = Map.ofEntries(
            Map.entry("imagenet1k knn avg_patch", 0.571),
            Map.entry("imagenet1k knn global", 0.738),
            Map.entry("imagenet1k linear avg_patch", 0.771),
            Map.entry("imagenet1k linear global", 0.811),
            Map.entry("imagenet1k attentive patches", 0.838),
            Map.entry("inaturalist21 linear avg_patch", 0.491),
            Map.entry("inaturalist21 linear global", 0.696),
            Map.entry("sun397 linear avg_patch", 0.733),
            Map.entry("sun397 linear global", 0.774),
            Map.entry("ade20k segment knn", 0.330),
            Map.entry("ade20k segment logistic", 0.377),
            Map.entry("cityscapes segment knn", 0.392),
            Map.entry("cityscapes segment logistic", 0.443),
            Map.entry("voc2012 segment knn", 0.652),
            Map.entry("voc2012 segment logistic", 0.733));

    private EntrySections() {}

    /**
     * The paper's number for a dataset's common name, such as {@code imagenet1k}; null where there is none.
     *
     * @param what a representation, or for {@code segment} a probe
     */
    static @Nullable Double paper(@Nullable String dataset, String head, String what) {
        return dataset == null ? null : PAPER.get(dataset + " " + head + " " + what);
    }

    /** The picture in a PNG file, as wide as the page, and what its colours mean. */
    static Gallery figure(String heading, String note, Path png, List<Meaning> keys) throws IOException {
        var figure = Gallery.GalleryImage.of(String.valueOf(png.getFileName()), Files.readAllBytes(png));
        return new Gallery(heading, note, keys, List.of(figure));
    }

    /** What the held-out images said of the settings that were chosen. */
    static Section ofChoice(String heading, ProbeResult result) {
        List<List<String>> rows = result.probes().stream()
                .map(probe -> List.of(
                        probe.head() + ", " + probe.representation(),
                        String.valueOf(probe.learningRate()),
                        String.valueOf(probe.weightDecay()),
                        String.format(
                                Locale.ROOT,
                                "%.1f %% (standard error %.1f)",
                                100 * probe.validation(),
                                100 * probe.validationError()),
                        String.format(Locale.ROOT, "%.2f", probe.validationLoss())))
                .toList();
        String note = String.format(
                Locale.ROOT,
                "Chosen by %s of %,d training images that were held out. The loss of guessing is %.2f.",
                result.chosenBy(),
                result.validation(),
                result.lossOfGuessing());
        List<String> columns = List.of(
                "probe", "learning rate", "weight decay", "top-1 of held-out images", "loss of held-out images");
        return new Section.Table(heading, note, columns, rows);
    }

    static List<Section> ofImages(String heading, Confusion tally) {
        List<Section.Shares.Share> bars = IntStream.range(0, tally.classes().size())
                .filter(label -> tally.count(label) > 0)
                .mapToObj(label -> bar(tally.classes().get(label), tally.accuracy(label)))
                .toList();
        String note = "The fraction of the images of each class that were classified correctly.";
        return sections(
                new Section.Shares(heading + ", by class", note, bars),
                "Each row is a true class, each column a predicted class.",
                tally.classes(),
                tally.counts());
    }

    /** Of pixels there are so many that their matrix is in percent. */
    static List<Section> ofPixels(String heading, String remark, Map<String, Double> unions, Confusion tally) {
        List<Section.Shares.Share> bars = new ArrayList<>();
        unions.forEach((name, union) -> bars.add(bar(name, union)));
        List<List<Long>> percent = new ArrayList<>();
        for (int label = 0; label < tally.classes().size(); label++) {
            double all = Math.max(1, tally.count(label));
            percent.add(tally.counts().get(label).stream()
                    .map(count -> Math.round(100 * count / all))
                    .toList());
        }
        String note = "Of the pixels that are of a class or were predicted as it, the fraction that is both." + remark;
        return sections(
                new Section.Shares(heading + ", intersection over union by class", note, bars),
                "Each row is a true class, each column a predicted class, in percent of the row's pixels.",
                tally.classes(),
                percent);
    }

    private static Section.Shares.Share bar(String name, double fraction) {
        return new Section.Shares.Share(name, fraction, Section.Shares.Rank.REFERENCE);
    }

    private static List<Section> sections(
            Section.Shares bars, String note, List<String> classes, List<List<Long>> cells) {
        return classes.size() > MAX_CLASSES
                ? List.of(bars)
                : List.of(bars, new Section.ConfusionMatrix(bars.heading() + ": confusions", note, classes, cells));
    }
}

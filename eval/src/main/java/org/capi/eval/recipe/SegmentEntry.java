package org.capi.eval.recipe;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.capi.data.arrow.ImageDataset;
import org.capi.eval.features.LoadedModel;
import org.capi.eval.features.Representation;
import org.capi.eval.pictures.LabelColours;
import org.capi.eval.report.MarkedPictures.Meaning;
import org.capi.eval.report.Section;
import org.capi.eval.rows.Standardization;
import org.capi.eval.search.Metric;
import org.capi.eval.segment.SegmentPictures;
import org.capi.eval.segment.SegmentResult;
import org.capi.eval.segment.SegmentSettings;
import org.capi.eval.segment.Segmentation;
import org.jspecify.annotations.Nullable;

/**
 * The segmentation probes; what is not named is as {@code eval segment} has it.
 *
 * @param ignore labels of pixels that do not count; else those that the datasets name
 * @param dataset the common name of the data, by which the paper's number is found
 */
public record SegmentEntry(
        String train,
        String test,
        @Nullable List<String> probes,
        @Nullable List<Integer> k,
        @Nullable List<String> metric,
        @Nullable List<Double> c,
        @Nullable String standardization,
        @Nullable Integer subsample,
        @Nullable Set<Integer> ignore,
        @Nullable Double tolerance,
        @Nullable Integer maxIterations,
        @Nullable Integer imageSize,
        @Nullable Integer batchSize,
        @Nullable Long seed,
        @Nullable String dataset)
        implements RecipeEntry {

    public SegmentEntry {
        RecipeEntry.required("train", train);
        RecipeEntry.required("test", test);
    }

    @Override
    public String title() {
        return "segmentation, " + test;
    }

    @Override
    public void check() throws IOException {
        try (ImageDataset known = ImageDataset.open(train);
                ImageDataset asked = ImageDataset.open(test)) {
            Segmentation.check(settings(known, asked, 1), known, asked);
        }
    }

    @Override
    public List<Representation> features() {
        return List.of(Representation.PATCHES);
    }

    @Override
    public Result run(LoadedModel model, RecipeContext context) throws IOException {
        try (ImageDataset known = ImageDataset.open(train);
                ImageDataset asked = ImageDataset.open(test)) {
            var segmentation = new Segmentation(
                    settings(known, asked, context.threads()),
                    RecipeContext.imageSize(model, imageSize),
                    RecipeEntry.or(batchSize, RecipeContext.BATCH_SIZE));
            Segmentation.Judged judged = segmentation.ofModel(model, context.cache(), known, asked, context.progress());
            judged.result().write(context.folder());
            Set<Integer> ignored = new TreeSet<>(segmentation.settings().ignored());
            List<Measure> measures = new ArrayList<>();
            List<Section> sections = new ArrayList<>();
            String heading = title() + ": " + model.name();
            for (SegmentResult.ProbeResult probe : judged.result().probes()) {
                Double paper = PaperNumbers.of(dataset, "segment", probe.probe());
                measures.add(new Measure("mIoU, " + probe.probe(), probe.meanIou(), paper));
                if (!ignored.isEmpty()) {
                    measures.add(new Measure(
                            "mIoU (mmsegmentation), " + probe.probe(), probe.meanIouMmsegmentation(), null));
                }
                measures.add(new Measure("accuracy of pixels, " + probe.probe(), probe.accuracy(), null));
                sections.addAll(Confusions.ofPixels(
                        heading + ", " + probe.probe(),
                        ignored.isEmpty() ? "" : ignoredNote(ignored),
                        probe.iou(),
                        judged.confusion(probe.probe())));
            }
            SegmentPictures.Written written = judged.pictures().write(context.folder());
            sections.add(Plates.of(
                    heading + ", pictures",
                    "What each probe made of some test images. Those of all are in " + context.folder() + ".",
                    written.sheet(),
                    written.legend().entrySet().stream()
                            .map(label -> new Meaning(LabelColours.css(label.getKey()), label.getValue()))
                            .toList()));
            return new Result(measures, sections);
        }
    }

    /** What ignored labels do to the numbers. */
    private static String ignoredNote(Set<Integer> ignored) {
        return " Pixels with an ignored label " + ignored
                + " do not count. k-NN may still predict such a label for a pixel that counts: mIoU then counts it as a"
                + " class with IoU 0; in the convention of mmsegmentation the pixel is a miss of its own class only."
                + " Logistic regression never predicts one.";
    }

    private SegmentSettings settings(ImageDataset known, ImageDataset asked, int threads) {
        Set<Integer> ignored = new TreeSet<>(known.info().ignoreLabels());
        ignored.addAll(asked.info().ignoreLabels());
        return new SegmentSettings(
                probes == null
                        ? List.of(SegmentSettings.Probe.values())
                        : probes.stream().map(SegmentSettings.Probe::named).toList(),
                k == null ? SegmentSettings.NEIGHBOURS : k,
                metric == null
                        ? Arrays.asList(Metric.values())
                        : metric.stream().map(Metric::named).toList(),
                c == null ? SegmentSettings.CS : c,
                standardization == null ? Standardization.STANDARD : Standardization.named(standardization),
                subsample == null ? 1 : subsample,
                ignore == null ? ignored : ignore,
                RecipeEntry.or(tolerance, SegmentSettings.TOLERANCE),
                RecipeEntry.or(maxIterations, SegmentSettings.MAX_ITERATIONS),
                RecipeEntry.or(seed, 0L),
                threads);
    }
}

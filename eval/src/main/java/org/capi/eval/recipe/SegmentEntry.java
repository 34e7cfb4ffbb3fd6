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
import org.capi.eval.report.Section;
import org.capi.eval.rows.Standardization;
import org.capi.eval.search.Metric;
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
        @Nullable Integer imageSize,
        @Nullable Long seed,
        @Nullable String dataset)
        implements RecipeEntry {

    @Override
    public String title() {
        return "segmentation, " + test;
    }

    @Override
    public void check() {
        try (ImageDataset known = ImageDataset.open(train);
                ImageDataset asked = ImageDataset.open(test)) {
            Segmentation.check(known, asked);
            settings(known, asked, 1);
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
                    RecipeContext.BATCH_SIZE);
            Segmentation.Judged judged = segmentation.ofModel(model, context.cache(), known, asked, context.progress());
            judged.result().write(context.folder());
            List<Measure> measures = new ArrayList<>();
            List<Section> sections = new ArrayList<>();
            String heading = title() + ": " + model.name();
            for (SegmentResult.ProbeResult probe : judged.result().probes()) {
                Double paper = PaperNumbers.of(dataset, "segment", probe.probe());
                measures.add(new Measure("mIoU, " + probe.probe(), probe.meanIou(), paper));
                measures.add(new Measure("accuracy of pixels, " + probe.probe(), probe.accuracy(), null));
                sections.addAll(Confusions.ofPixels(
                        heading + ", " + probe.probe(), probe.iou(), judged.confusion(probe.probe())));
            }
            sections.add(Plates.of(
                    heading + ", pictures",
                    "What each probe made of some test images. Those of all are in " + context.folder() + ".",
                    judged.pictures().write(context.folder())));
            return new Result(measures, sections);
        }
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
                SegmentSettings.TOLERANCE,
                SegmentSettings.MAX_ITERATIONS,
                seed == null ? 0 : seed,
                threads);
    }
}

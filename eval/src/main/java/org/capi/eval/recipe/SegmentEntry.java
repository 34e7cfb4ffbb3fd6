package org.capi.eval.recipe;

import static org.capi.eval.recipe.RecipeEntry.or;
import static org.capi.eval.recipe.RecipeEntry.required;

import com.fasterxml.jackson.annotation.JsonAlias;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.capi.data.arrow.ImageDataset;
import org.capi.eval.features.LoadedModel;
import org.capi.eval.features.Representation;
import org.capi.eval.pictures.Palette;
import org.capi.eval.report.Figures.MarkedPictures.Meaning;
import org.capi.eval.report.Section;
import org.capi.eval.rows.Standardization;
import org.capi.eval.search.ExactKnn.Distance;
import org.capi.eval.segment.SegmentSettings;
import org.capi.eval.segment.Segmentation;
import org.jspecify.annotations.Nullable;

/**
 * The segmentation probes, by default with the grid of the reference.
 *
 * @param ignore labels of pixels that do not count; else those that the datasets name
 * @param dataset the common name of the data, by which the paper's number is found
 */
public record SegmentEntry(
        String train,
        String test,
        @JsonAlias("probe") List<SegmentSettings.Probe> probes,
        List<Integer> k,
        List<Distance> metric,
        List<Double> c,
        Standardization standardization,
        Integer subsample,
        @Nullable Set<Integer> ignore,
        Double tolerance,
        Integer maxIterations,
        @Nullable Integer imageSize,
        Integer batchSize,
        Long seed,
        @Nullable String dataset)
        implements RecipeEntry.OfSets {

    public SegmentEntry {
        required("train", train);
        required("test", test);
        probes = List.copyOf(or(probes, List.of(SegmentSettings.Probe.values())));
        k = List.copyOf(or(k, List.of(1, 3, 10, 30)));
        metric = List.copyOf(or(metric, List.of(Distance.values())));
        c = List.copyOf(or(c, SegmentSettings.CS));
        standardization = or(standardization, Standardization.STANDARD);
        subsample = or(subsample, 1);
        tolerance = or(tolerance, SegmentSettings.TOLERANCE);
        maxIterations = or(maxIterations, SegmentSettings.MAX_ITERATIONS);
        batchSize = or(batchSize, BATCH_SIZE);
        seed = or(seed, 0L);
    }

    @Override
    public String title() {
        return "segmentation, " + test;
    }

    @Override
    public List<Representation> features() {
        return List.of(Representation.PATCHES);
    }

    @Override
    public void check(ImageDataset trainSet, ImageDataset testSet) throws IOException {
        Segmentation.check(evaluation(trainSet, testSet, or(imageSize, 1), 1).settings(), trainSet, testSet);
    }

    public Segmentation evaluation(ImageDataset trainSet, ImageDataset testSet, int side, int threads) {
        Set<Integer> ignored = new TreeSet<>(trainSet.info().ignoreLabels());
        ignored.addAll(testSet.info().ignoreLabels());
        var settings = new SegmentSettings(
                probes,
                k,
                metric,
                c,
                standardization,
                subsample,
                or(ignore, ignored),
                tolerance,
                maxIterations,
                seed,
                threads);
        return new Segmentation(settings, side, batchSize);
    }

    @Override
    public Result run(LoadedModel model, ImageDataset trainSet, ImageDataset testSet, Context context)
            throws IOException {
        var segmentation = evaluation(trainSet, testSet, side(model), context.threads());
        var outcome = segmentation.ofModel(model, context.cache(), trainSet, testSet, context.progress());
        outcome.result().write(context.folder());
        Set<Integer> ignored = new TreeSet<>(segmentation.settings().ignored());
        List<Measure> measures = new ArrayList<>();
        List<Section> sections = new ArrayList<>();
        String heading = title() + ": " + model.name();
        String note = ignored.isEmpty()
                ? ""
                : " Pixels with an ignored label " + ignored + " do not count. k-NN may still predict such a label for"
                        + " a pixel that counts: mIoU then counts it as a class with IoU 0; in the convention of"
                        + " mmsegmentation the pixel is a miss of its own class only. Logistic regression never"
                        + " predicts one.";
        for (var probe : outcome.result().probes()) {
            Double paper = EntrySections.paper(dataset, "segment", probe.probe());
            measures.add(new Measure("mIoU, " + probe.probe(), probe.meanIou(), paper));
            if (!ignored.isEmpty()) {
                measures.add(
                        new Measure("mIoU (mmsegmentation), " + probe.probe(), probe.meanIouMmsegmentation(), null));
            }
            measures.add(new Measure("accuracy of pixels, " + probe.probe(), probe.accuracy(), null));
            sections.addAll(EntrySections.ofPixels(
                    heading + ", " + probe.probe(), note, probe.iou(), outcome.confusion(probe.probe())));
        }
        var pictures = outcome.pictures().write(context.folder());
        sections.add(EntrySections.figure(
                heading + ", pictures",
                "Predictions of each probe for some test images. Those for all images are in " + context.folder() + ".",
                pictures.sheet(),
                pictures.legend().entrySet().stream()
                        .map(label -> new Meaning(Palette.css(label.getKey()), label.getValue()))
                        .toList()));
        return new Result(measures, sections, List.of());
    }
}

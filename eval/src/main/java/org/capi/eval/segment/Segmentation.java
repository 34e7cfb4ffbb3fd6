package org.capi.eval.segment;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.capi.data.Require;
import org.capi.data.arrow.ImageDataset;
import org.capi.eval.features.Confusion;
import org.capi.eval.features.FeatureCache;
import org.capi.eval.features.FeatureExtraction;
import org.capi.eval.features.JobProgress;
import org.capi.eval.features.LoadedModel;
import org.capi.eval.features.Representation;
import org.capi.eval.features.Representation.FeatureShape;
import org.capi.eval.features.Transform;
import org.capi.eval.rows.FeatureRows;
import org.capi.eval.segment.SegmentEvaluation.ProbeOutcome;

/**
 * The segmentation probes from two datasets to a result: images squashed to a square (bicubic), label maps likewise
 * (nearest).
 *
 * @param imageSize side of the square in pixels
 * @param batchSize images encoded at once
 */
public record Segmentation(SegmentSettings settings, int imageSize, int batchSize) {

    /** {@link SegmentResult#features} where no model was used. */
    public static final String PIXELS = "pixels";

    public Segmentation {
        Require.atLeastOne("image_size", imageSize);
    }

    /** The scores, the confusion matrices by probe, and the pictures of the predictions. */
    public record Outcome(SegmentResult result, Map<String, Confusion> confusions, SegmentPictures pictures) {

        public Outcome {
            confusions = Collections.unmodifiableMap(new LinkedHashMap<>(confusions));
        }

        public Confusion confusion(String probe) {
            return Objects.requireNonNull(confusions.get(probe), probe);
        }
    }

    /** Refuses sets whose classes differ, images without label maps, and maps of which no pixel counts. */
    public static void check(SegmentSettings settings, ImageDataset train, ImageDataset test) throws IOException {
        checkClasses(train, test);
        PatchReader.checkMaps(train);
        PatchReader.checkMaps(test);
        PatchReader.checkCounted(train, "no patch is left to fit on", settings.ignored());
        PatchReader.checkCounted(test, "no pixel of the test images counts", settings.ignored());
    }

    private static void checkClasses(ImageDataset train, ImageDataset test) {
        List<String> trained = train.classes();
        List<String> tested = test.classes();
        if (trained.size() != tested.size()) {
            throw new IllegalArgumentException("the training images " + train.folder() + " have " + trained.size()
                    + " classes, the test images " + test.folder() + " " + tested.size());
        }
        for (int label = 0; label < trained.size(); label++) {
            if (!trained.get(label).equals(tested.get(label))) {
                throw new IllegalArgumentException("the label " + label + " is " + trained.get(label)
                        + " in the training images, " + tested.get(label) + " in the test images");
            }
        }
    }

    /** Evaluates an encoder by the features of its patches, which a cache keeps. */
    public Outcome ofModel(
            LoadedModel model, FeatureCache cache, ImageDataset train, ImageDataset test, JobProgress progress)
            throws IOException {
        check(settings, train, test);
        var extraction = new FeatureExtraction(imageSize, batchSize, settings.threads());
        var patches = Representation.PATCHES;
        var shape =
                Objects.requireNonNull(model.shapes(imageSize, List.of(patches)).get(patches));
        var sets = new LabelledSets(reader(patchSize(shape)), cache.folder(), train, test, progress);
        try (var trainFeatures = extraction.features(
                        cache, model, patches, Transform.SQUASH, train, progress.part("encoding train"));
                var testFeatures = extraction.features(
                        cache, model, patches, Transform.SQUASH, test, progress.part("encoding test"))) {
            return sets.evaluate(patches.toString(), trainFeatures, testFeatures);
        }
    }

    private int patchSize(FeatureShape patches) {
        if (patches.rows() != patches.columns() || imageSize % patches.rows() != 0) {
            throw new IllegalArgumentException("image_size must be a multiple of the patch, but of " + imageSize
                    + " pixels the model makes " + patches.rows() + " x " + patches.columns() + " patches");
        }
        return imageSize / patches.rows();
    }

    private PatchReader reader(int patchSize) {
        return new PatchReader(imageSize, patchSize, settings.ignored(), settings.threads());
    }

    /** The baseline without any model: the pixels of patches of a size; temporary files go to {@code scratch}. */
    public Outcome ofPixels(int patchSize, Path scratch, ImageDataset train, ImageDataset test, JobProgress progress)
            throws IOException {
        check(settings, train, test);
        PatchReader reader = reader(patchSize);
        var sets = new LabelledSets(reader, scratch, train, test, progress);
        FeatureRows trainPixels = reader.pixels(train, scratch, progress.part("reading train"));
        FeatureRows testPixels = reader.pixels(test, scratch, progress.part("reading test"));
        return sets.evaluate(PIXELS, trainPixels, testPixels);
    }

    /** The labels of both sets, read and checked before features are computed, which takes longer. */
    private final class LabelledSets {

        private final PatchReader reader;
        private final ImageDataset train;
        private final ImageDataset test;
        private final JobProgress progress;
        private final PatchLabels trainLabels;
        private final PatchLabels testLabels;
        private final SegmentEvaluation evaluation;

        LabelledSets(PatchReader reader, Path scratch, ImageDataset train, ImageDataset test, JobProgress progress)
                throws IOException {
            this.reader = reader;
            this.train = train;
            this.test = test;
            this.progress = progress;
            trainLabels = reader.labels(train, scratch, progress.part("reading labels of train"));
            testLabels = reader.labels(test, scratch, progress.part("reading labels of test"));
            evaluation = new SegmentEvaluation(settings, train.classes(), reader.grid() * reader.grid(), scratch);
            evaluation.check(trainLabels, testLabels);
        }

        Outcome evaluate(String features, FeatureRows trainFeatures, FeatureRows testFeatures) throws IOException {
            var outcomes = evaluation.evaluate(
                    new Patches(trainFeatures, trainLabels), new Patches(testFeatures, testLabels), progress);
            var result = new SegmentResult(
                    features,
                    imageSize,
                    reader.patchSize(),
                    trainFeatures.dim(),
                    settings.standardization().toString(),
                    Math.toIntExact(train.size()),
                    Math.toIntExact(test.size()),
                    outcomes.stream().map(ProbeOutcome::result).toList());
            Map<String, PatchLabels> maps = new LinkedHashMap<>();
            Map<String, Confusion> confusions = new LinkedHashMap<>();
            maps.put(SegmentPictures.TRUTH, testLabels);
            for (ProbeOutcome outcome : outcomes) {
                maps.put(outcome.result().probe(), outcome.predicted());
                confusions.put(outcome.result().probe(), outcome.confusion());
            }
            var pictures = new SegmentPictures(features, test, imageSize, reader.grid(), maps, settings.threads());
            return new Outcome(result, confusions, pictures);
        }
    }
}

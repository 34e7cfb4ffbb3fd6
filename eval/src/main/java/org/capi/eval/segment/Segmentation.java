package org.capi.eval.segment;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.capi.data.arrow.ImageDataset;
import org.capi.eval.features.FeatureCache;
import org.capi.eval.features.FeatureExtraction;
import org.capi.eval.features.FeatureShape;
import org.capi.eval.features.JobProgress;
import org.capi.eval.features.LoadedModel;
import org.capi.eval.features.Representation;
import org.capi.eval.features.Tally;
import org.capi.eval.features.Transform;
import org.capi.eval.rows.FeatureRows;

/**
 * The segmentation probes from two datasets to a result: images squashed to a square (bicubic), label maps likewise
 * (nearest).
 *
 * @param imageSize side of the square in pixels
 * @param batchSize images encoded at once
 */
public record Segmentation(SegmentSettings settings, int imageSize, int batchSize) {

    /** What {@link SegmentResult#features} is when no model was used. */
    public static final String PIXELS = "pixels";

    public Segmentation {
        if (imageSize < 1) {
            throw new IllegalArgumentException("image_size must be at least 1, was " + imageSize);
        }
    }

    /**
     * What was found, and the pictures of it.
     *
     * @param confusions of the test images' pixels, by probe
     */
    public record Judged(SegmentResult result, Map<String, Tally> confusions, SegmentPictures pictures) {

        public Judged {
            confusions = Collections.unmodifiableMap(new LinkedHashMap<>(confusions));
        }

        /** How a probe confused the classes of pixels. */
        public Tally confusion(String probe) {
            return Objects.requireNonNull(confusions.get(probe), probe);
        }
    }

    /** Refuses sets whose classes differ, images without label maps, and maps of which no pixel counts. */
    public static void check(SegmentSettings settings, ImageDataset train, ImageDataset test) throws IOException {
        checkClasses(train, test);
        LabelReading.checkMaps(train);
        LabelReading.checkMaps(test);
        LabelReading.checkCounted(train, "no patch is left to fit on", settings.ignored());
        LabelReading.checkCounted(test, "no pixel of the test images counts", settings.ignored());
    }

    /** Judges an encoder by the features of its patches, which a cache keeps. */
    public Judged ofModel(
            LoadedModel model, FeatureCache cache, ImageDataset train, ImageDataset test, JobProgress progress)
            throws IOException {
        check(settings, train, test);
        var extraction = new FeatureExtraction(imageSize, batchSize, settings.threads());
        var shape = model.shapes(imageSize, List.of(Representation.PATCHES)).get(Representation.PATCHES);
        var labels = labels(patchSize(Objects.requireNonNull(shape)), cache.folder(), train, test, progress);
        try (var known = extraction.features(
                        cache,
                        model,
                        Representation.PATCHES,
                        Transform.SQUASH,
                        train,
                        progress.part("encoding train"));
                var asked = extraction.features(
                        cache, model, Representation.PATCHES, Transform.SQUASH, test, progress.part("encoding test"))) {
            String what = Representation.PATCHES.toString();
            return judged(what, labels, cache.folder(), known, asked, train, test, progress);
        }
    }

    /**
     * The baseline without any model: the pixels of patches of a size.
     *
     * @param scratch a folder for temporary files
     */
    public Judged ofPixels(int patchSize, Path scratch, ImageDataset train, ImageDataset test, JobProgress progress)
            throws IOException {
        check(settings, train, test);
        var labels = labels(patchSize, scratch, train, test, progress);
        var pixels = new PixelPatches(imageSize, patchSize, settings.threads());
        FeatureRows known = pixels.read(train, scratch, progress.part("reading train"));
        FeatureRows asked = pixels.read(test, scratch, progress.part("reading test"));
        return judged(PIXELS, labels, scratch, known, asked, train, test, progress);
    }

    private int patchSize(FeatureShape patches) {
        if (patches.rows() != patches.columns() || imageSize % patches.rows() != 0) {
            throw new IllegalArgumentException("image_size must be a multiple of the patch, but of " + imageSize
                    + " pixels the model makes " + patches.rows() + " x " + patches.columns() + " patches");
        }
        return imageSize / patches.rows();
    }

    /** The labels of both sets, read before features are computed, which takes longer. */
    private record Labels(LabelReading reading, PatchLabels train, PatchLabels test) {}

    private Labels labels(int patchSize, Path scratch, ImageDataset train, ImageDataset test, JobProgress progress)
            throws IOException {
        var reading = new LabelReading(imageSize, patchSize, settings.ignored(), settings.threads());
        PatchLabels known = reading.read(train, scratch, progress.part("reading labels of train"));
        PatchLabels asked = reading.read(test, scratch, progress.part("reading labels of test"));
        evaluation(reading, scratch, train).check(known, asked);
        return new Labels(reading, known, asked);
    }

    private Judged judged(
            String what,
            Labels labels,
            Path scratch,
            FeatureRows known,
            FeatureRows asked,
            ImageDataset train,
            ImageDataset test,
            JobProgress progress)
            throws IOException {
        var evaluation = evaluation(labels.reading, scratch, train);
        var outcomes = evaluation.judge(new Patches(known, labels.train), new Patches(asked, labels.test), progress);
        var result = new SegmentResult(
                what,
                imageSize,
                labels.reading.patchSize(),
                known.dim(),
                settings.standardization().toString(),
                Math.toIntExact(train.size()),
                Math.toIntExact(test.size()),
                outcomes.stream().map(SegmentEvaluation.Outcome::result).toList());
        var pictures = SegmentPictures.of(
                what, test, imageSize, labels.reading.grid(), labels.test, outcomes, settings.threads());
        Map<String, Tally> confusions = new LinkedHashMap<>();
        outcomes.forEach(outcome -> confusions.put(outcome.result().probe(), outcome.confusion()));
        return new Judged(result, confusions, pictures);
    }

    private SegmentEvaluation evaluation(LabelReading reading, Path scratch, ImageDataset train) {
        return new SegmentEvaluation(settings, train.classes(), reading.grid() * reading.grid(), scratch);
    }

    private static void checkClasses(ImageDataset train, ImageDataset test) {
        List<String> known = train.classes();
        List<String> asked = test.classes();
        if (known.size() != asked.size()) {
            throw new IllegalArgumentException("the training images " + train.folder() + " have " + known.size()
                    + " classes, the test images " + test.folder() + " " + asked.size());
        }
        for (int label = 0; label < known.size(); label++) {
            if (!known.get(label).equals(asked.get(label))) {
                throw new IllegalArgumentException("the label " + label + " is " + known.get(label)
                        + " in the training images, " + asked.get(label) + " in the test images");
            }
        }
    }
}

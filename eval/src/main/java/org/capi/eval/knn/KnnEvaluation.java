package org.capi.eval.knn;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.commons.io.function.IOSupplier;
import org.capi.data.arrow.ImageDataset;
import org.capi.data.files.StrictJson;
import org.capi.eval.features.Confusion;
import org.capi.eval.features.FeatureCache;
import org.capi.eval.features.FeatureExtraction;
import org.capi.eval.features.FeatureTable;
import org.capi.eval.features.JobProgress;
import org.capi.eval.features.LoadedModel;
import org.capi.eval.features.Representation;
import org.capi.eval.features.Transform;
import org.capi.eval.rows.Standardization;
import org.capi.eval.search.ExactKnn;
import org.capi.eval.search.ExactKnn.Distance;
import org.capi.eval.search.ExactKnn.Precision;
import org.capi.eval.search.Neighbours;

/**
 * The k-NN probe from two datasets to results, with several classifiers at once.
 *
 * @param grid the classifiers, one result each
 */
public record KnnEvaluation(List<KnnClassifier> grid, FeatureExtraction extraction) {

    /** {@link KnnResult#representation} where no model was used. */
    public static final String PIXELS = "pixels";

    public KnnEvaluation {
        grid = List.copyOf(grid);
    }

    public record Outcome(KnnClassifier by, KnnResult result, Confusion confusion) {}

    /**
     * The accuracy of one classifier.
     *
     * @param top1 the fraction of test images whose class was predicted
     * @param representation the features: {@code avg_patch}, {@code global}, {@code both} or {@code pixels}
     * @param train labelled training images
     * @param test labelled test images
     */
    public record KnnResult(double top1, int k, String representation, int classes, int train, int test) {

        /** Writes {@code knn-REPRESENTATION.json} into a folder, which is created if missing, and returns the file. */
        public Path write(Path folder) throws IOException {
            return write(folder, representation, this);
        }

        static Path write(Path folder, String representation, Object result) throws IOException {
            Path file = folder.resolve("knn-" + representation + ".json");
            StrictJson.write(file, result);
            return file;
        }
    }

    /** Refuses sets that cannot be evaluated, before anything is computed. */
    public void check(ImageDataset train, ImageDataset test) {
        FeatureTable.checkLabelled(train);
        FeatureTable.checkLabelled(test);
        FeatureTable.check(train, test);
        grid.forEach(one -> one.check(train.info().labelled()));
    }

    /** Evaluates a model by its features of the images' centres, which a cache keeps. */
    public List<Outcome> ofModel(
            LoadedModel model,
            FeatureCache cache,
            Representation representation,
            ImageDataset train,
            ImageDataset test,
            JobProgress progress)
            throws IOException {
        return ofModel(model, cache, representation, Transform.CENTRE, train, test, progress);
    }

    /** Evaluates a model by its features, which a cache keeps. */
    public List<Outcome> ofModel(
            LoadedModel model,
            FeatureCache cache,
            Representation representation,
            Transform transform,
            ImageDataset train,
            ImageDataset test,
            JobProgress progress)
            throws IOException {
        return Objects.requireNonNull(ofModel(model, cache, List.of(representation), transform, train, test, progress)
                .get(representation));
    }

    /** The same for several representations, for which each image is encoded once. */
    Map<Representation, List<Outcome>> ofModel(
            LoadedModel model,
            FeatureCache cache,
            List<Representation> representations,
            Transform transform,
            ImageDataset train,
            ImageDataset test,
            JobProgress progress)
            throws IOException {
        check(train, test);
        representations.forEach(Representation::checkOneVector);
        model.shapes(extraction.imageSize(), representations);
        extraction.fill(cache, model, representations, transform, train, progress.part("encoding train"));
        extraction.fill(cache, model, representations, transform, test, progress.part("encoding test"));
        Map<Representation, List<Outcome>> outcomes = new LinkedHashMap<>();
        for (Representation representation : representations) {
            try (var trainFeatures = extraction.features(
                            cache, model, representation, transform, train, progress.part("encoding train"));
                    var testFeatures = extraction.features(
                            cache, model, representation, transform, test, progress.part("encoding test"))) {
                outcomes.put(
                        representation,
                        evaluate(
                                FeatureTable.of(trainFeatures),
                                FeatureTable.of(testFeatures),
                                representation.toString(),
                                progress));
            }
        }
        return outcomes;
    }

    /**
     * Evaluates a model, and what it must beat: chance, the images' pixels, and the same architecture untrained, whose
     * accuracies the cache keeps. A comparison for each classifier.
     */
    public List<KnnComparison> compared(
            LoadedModel model,
            FeatureCache cache,
            Representation representation,
            Transform transform,
            ImageDataset train,
            ImageDataset test,
            JobProgress progress)
            throws IOException {
        Set<Representation> both = new LinkedHashSet<>(List.of(representation));
        both.addAll(List.of(Representation.GLOBAL, Representation.AVG_PATCH));
        var outcomes = ofModel(model, cache, List.copyOf(both), transform, train, test, progress);
        var without = new KnnBaselines(this, cache, transform, train, test, progress);
        List<Double> pixels = orElse(List.of(), "raw pixels", cache, without::pixels);
        Map<String, List<Double>> untrained =
                orElse(Map.of(), "the untrained model", cache, () -> without.untrainedTwin(model, List.copyOf(both)));
        List<KnnComparison> comparisons = new ArrayList<>();
        for (int i = 0; i < grid.size(); i++) {
            int at = i;
            Map<String, Double> top1 = new LinkedHashMap<>();
            outcomes.forEach((one, found) ->
                    top1.put(one.toString(), found.get(at).result().top1()));
            Map<String, Double> fresh = new LinkedHashMap<>();
            untrained.forEach((one, found) -> fresh.put(one, found.get(at)));
            Outcome outcome =
                    Objects.requireNonNull(outcomes.get(representation)).get(i);
            var baselines = new KnnComparison.Baselines(
                    1.0 / outcome.result().classes(),
                    outcome.confusion().mostFrequent(),
                    pixels.isEmpty() ? null : pixels.get(i),
                    fresh);
            comparisons.add(new KnnComparison(outcome, top1, baselines));
        }
        return comparisons;
    }

    /** A baseline, or a replacement with a warning where it fails: the model's own result is not lost. */
    private static <T> T orElse(T replacement, String baseline, FeatureCache cache, IOSupplier<T> measured) {
        try {
            return measured.get();
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            cache.reporter().accept("the baseline of " + baseline + " could not be measured: " + e);
            return replacement;
        }
    }

    /** The baseline without any model: the images' own pixels, less the mean of the training images. */
    public List<Outcome> ofPixels(ImageDataset train, ImageDataset test, JobProgress progress) throws IOException {
        check(train, test);
        FeatureTable trainPixels = extraction.pixels(train, progress.part("reading train"));
        FeatureTable testPixels = extraction.pixels(test, progress.part("reading test"));
        var centred = Standardization.CENTER.fit(trainPixels.rows());
        return evaluate(trainPixels.standardized(centred), testPixels.standardized(centred), PIXELS, progress);
    }

    /** One search for each metric finds the neighbours of every k. */
    List<Outcome> evaluate(FeatureTable train, FeatureTable test, String representation, JobProgress progress) {
        FeatureTable truth = test.labelledBy(train.classes());
        Outcome[] outcomes = new Outcome[grid.size()];
        for (Distance metric : Distance.values()) {
            int maxK = grid.stream()
                    .filter(one -> one.metric() == metric)
                    .mapToInt(KnnClassifier::k)
                    .max()
                    .orElse(0);
            if (maxK > 0) {
                Neighbours nearest = new ExactKnn(maxK, metric, Precision.ofThisMachine(), extraction.threads())
                        .among(train.rows(), test.rows(), progress.part("searching by " + metric));
                for (int i = 0; i < outcomes.length; i++) {
                    if (grid.get(i).metric() == metric) {
                        outcomes[i] = outcome(grid.get(i), nearest, train, truth, representation);
                    }
                }
            }
        }
        return List.of(outcomes);
    }

    private static Outcome outcome(
            KnnClassifier by, Neighbours nearest, FeatureTable train, FeatureTable truth, String representation) {
        int[] predicted = by.vote(nearest, train);
        var confusion = new Confusion(train.classes());
        for (int i = 0; i < predicted.length; i++) {
            confusion.add(truth.label(i), predicted[i]);
        }
        int classes = train.classes().size();
        var result = new KnnResult(confusion.accuracy(), by.k(), representation, classes, train.size(), truth.size());
        return new Outcome(by, result, confusion);
    }
}

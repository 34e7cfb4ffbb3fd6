package org.capi.eval.knn;

import java.io.IOException;
import java.util.List;
import org.capi.data.arrow.ImageDataset;
import org.capi.eval.features.FeatureCache;
import org.capi.eval.features.FeatureExtraction;
import org.capi.eval.features.FeatureTable;
import org.capi.eval.features.JobProgress;
import org.capi.eval.features.LoadedModel;
import org.capi.eval.features.Representation;
import org.capi.eval.features.SharedClasses;
import org.capi.eval.features.Tally;
import org.capi.eval.features.Transform;
import org.capi.eval.rows.Standardiser;
import org.capi.eval.rows.Standardization;
import org.capi.eval.search.Metric;
import org.capi.eval.search.Nearest;
import org.capi.eval.search.NearestRows;
import org.capi.eval.search.Precision;

/**
 * The k-NN probe from two datasets to results, of several kinds of votes at once.
 *
 * @param grid the votes, one result each
 */
public record KnnEvaluation(List<NearestNeighbours> grid, FeatureExtraction extraction) {

    /** What {@link KnnResult#representation} is when no model was used. */
    public static final String PIXELS = "pixels";

    public KnnEvaluation {
        grid = List.copyOf(grid);
    }

    /** What one kind of votes came to, and which classes it confused. */
    public record Outcome(NearestNeighbours by, KnnResult result, Tally confusion) {}

    /** Refuses sets that cannot be judged, before anything is computed. */
    public void check(ImageDataset train, ImageDataset test) {
        SharedClasses.checkLabelled(train);
        SharedClasses.checkLabelled(test);
        SharedClasses.check(train, test);
        grid.forEach(one -> one.check(train.info().labelled()));
    }

    /** Judges a model by its features of the images' centres, which a cache keeps. */
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

    /** Judges a model by its features, which a cache keeps. */
    public List<Outcome> ofModel(
            LoadedModel model,
            FeatureCache cache,
            Representation representation,
            Transform transform,
            ImageDataset train,
            ImageDataset test,
            JobProgress progress)
            throws IOException {
        check(train, test);
        representation.checkOneVector();
        model.shapes(extraction.imageSize(), List.of(representation));
        try (var known = extraction.features(
                        cache, model, representation, transform, train, progress.part("encoding train"));
                var asked = extraction.features(
                        cache, model, representation, transform, test, progress.part("encoding test"))) {
            return judge(FeatureTable.of(known), FeatureTable.of(asked), representation.toString(), progress);
        }
    }

    /** The baseline without any model: the images' own pixels, less the mean of the training images. */
    public List<Outcome> ofPixels(ImageDataset train, ImageDataset test, JobProgress progress) throws IOException {
        check(train, test);
        FeatureTable known = extraction.pixels(train, progress.part("reading train"));
        FeatureTable asked = extraction.pixels(test, progress.part("reading test"));
        Standardiser centred = Standardization.CENTER.fit(known.rows());
        return judge(known.standardised(centred), asked.standardised(centred), PIXELS, progress);
    }

    /** Judges the test images by the training images; one search for each metric finds the neighbours of every k. */
    List<Outcome> judge(FeatureTable train, FeatureTable test, String representation, JobProgress progress) {
        FeatureTable truth = test.labelledBy(train.classes());
        Outcome[] outcomes = new Outcome[grid.size()];
        for (Metric metric : Metric.values()) {
            int most = grid.stream()
                    .filter(one -> one.metric() == metric)
                    .mapToInt(NearestNeighbours::k)
                    .max()
                    .orElse(0);
            if (most > 0) {
                Nearest nearest = new NearestRows(most, metric, Precision.ofThisMachine(), extraction.threads())
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
            NearestNeighbours by, Nearest nearest, FeatureTable train, FeatureTable truth, String representation) {
        int[] named = by.vote(nearest, train);
        var confusion = new Tally(train.classes());
        int right = 0;
        for (int i = 0; i < named.length; i++) {
            confusion.add(truth.label(i), named[i]);
            right += named[i] == truth.label(i) ? 1 : 0;
        }
        double top1 = (double) right / named.length;
        int classes = train.classes().size();
        return new Outcome(
                by, new KnnResult(top1, by.k(), representation, classes, train.size(), truth.size()), confusion);
    }
}

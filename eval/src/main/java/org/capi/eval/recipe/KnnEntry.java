package org.capi.eval.recipe;

import static org.capi.eval.recipe.RecipeEntry.or;
import static org.capi.eval.recipe.RecipeEntry.required;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.capi.data.arrow.ImageDataset;
import org.capi.eval.features.FeatureExtraction;
import org.capi.eval.features.JobProgress;
import org.capi.eval.features.LoadedModel;
import org.capi.eval.features.Representation;
import org.capi.eval.features.Transform;
import org.capi.eval.knn.KnnClassifier;
import org.capi.eval.knn.KnnClassifier.Vote;
import org.capi.eval.knn.KnnComparison;
import org.capi.eval.knn.KnnEvaluation;
import org.capi.eval.knn.KnnEvaluation.Outcome;
import org.capi.eval.search.ExactKnn.Distance;
import org.jspecify.annotations.Nullable;

/**
 * The k-NN evaluation, with every combination of k, metric and vote.
 *
 * @param representation {@code global} by default
 * @param baselines whether to measure what the model must beat too; so by default
 * @param dataset the common name of the data, by which the paper's number is found
 */
public record KnnEntry(
        String train,
        String test,
        Representation representation,
        List<Integer> k,
        Double temperature,
        List<Distance> metric,
        List<Vote> vote,
        @Nullable Integer imageSize,
        Transform transform,
        Integer batchSize,
        Boolean baselines,
        @Nullable String dataset)
        implements RecipeEntry.OfSets {

    private static final int UNUSED_IMAGE_SIZE = 1;

    public KnnEntry {
        required("train", train);
        required("test", test);
        representation = or(representation, Representation.GLOBAL);
        k = List.copyOf(or(k, List.of(KnnClassifier.STANDARD.k())));
        temperature = or(temperature, KnnClassifier.STANDARD.temperature());
        metric = List.copyOf(or(metric, List.of(Distance.COSINE)));
        vote = List.copyOf(or(vote, List.of(Vote.WEIGHTED)));
        transform = or(transform, Transform.CENTRE);
        batchSize = or(batchSize, BATCH_SIZE);
        baselines = or(baselines, true);
    }

    @Override
    public String title() {
        return "k-NN, " + representation + ", " + test;
    }

    @Override
    public List<Representation> features() {
        return List.of(representation);
    }

    @Override
    public void check(ImageDataset trainSet, ImageDataset testSet) {
        representation.checkOneVector();
        evaluation(or(imageSize, UNUSED_IMAGE_SIZE), 1).check(trainSet, testSet);
    }

    /** Evaluates one model; a result for each combination. */
    public List<Outcome> outcomes(LoadedModel model, ImageDataset trainSet, ImageDataset testSet, Context context)
            throws IOException {
        return evaluation(side(model), context.threads())
                .ofModel(model, context.cache(), representation, transform, trainSet, testSet, context.progress());
    }

    /** Evaluates one model and what it must beat; a comparison for each combination. */
    public List<KnnComparison> comparisons(
            LoadedModel model, ImageDataset trainSet, ImageDataset testSet, Context context) throws IOException {
        return evaluation(side(model), context.threads())
                .compared(model, context.cache(), representation, transform, trainSet, testSet, context.progress());
    }

    /** Evaluates the pixels of small images, as a baseline. */
    public List<Outcome> outcomesOfPixels(
            ImageDataset trainSet, ImageDataset testSet, int threads, JobProgress progress) throws IOException {
        return evaluation(UNUSED_IMAGE_SIZE, threads).ofPixels(trainSet, testSet, progress);
    }

    @Override
    public Result run(LoadedModel model, ImageDataset trainSet, ImageDataset testSet, Context context)
            throws IOException {
        List<KnnComparison> comparisons = baselines ? comparisons(model, trainSet, testSet, context) : List.of();
        List<Outcome> outcomes = baselines
                ? comparisons.stream().map(KnnComparison::outcome).toList()
                : outcomes(model, trainSet, testSet, context);
        Double paper = EntrySections.paper(dataset, "knn", representation.toString());
        List<Measure> measures = new ArrayList<>();
        for (int i = 0; i < outcomes.size(); i++) {
            KnnClassifier by = outcomes.get(i).by();
            String name = "top-1, k " + by.k() + ", " + by.metric() + ", " + by.vote();
            double top1 = outcomes.get(i).result().top1();
            if (baselines) {
                var found = comparisons.get(i).baselines();
                Double untrained = found.untrained().get(representation.toString());
                measures.add(new Measure(name, top1, paper, found.chance(), found.pixels(), untrained));
            } else {
                measures.add(new Measure(name, top1, paper));
            }
        }
        String heading = title() + ": " + model.name();
        return new Result(
                measures,
                EntrySections.ofImages(heading, outcomes.get(0).confusion()),
                comparisons.isEmpty() ? List.of() : comparisons.get(0).warnings());
    }

    private KnnEvaluation evaluation(int side, int threads) {
        List<KnnClassifier> grid = new ArrayList<>();
        for (Distance by : metric) {
            for (Vote how : vote) {
                if (by == Distance.COSINE || how == Vote.PLAIN) {
                    k.forEach(count -> grid.add(new KnnClassifier(count, temperature, by, how)));
                }
            }
        }
        if (grid.isEmpty()) {
            boolean isEmpty = k.isEmpty() || metric.isEmpty() || vote.isEmpty();
            throw new IllegalArgumentException(
                    isEmpty
                            ? "k, metric and vote must name at least one each"
                            : "votes are weighted by the cosine; vote must be plain where metric is l2");
        }
        return new KnnEvaluation(grid, new FeatureExtraction(side, batchSize, threads));
    }
}

package org.capi.eval.recipe;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.capi.data.arrow.ImageDataset;
import org.capi.eval.features.FeatureExtraction;
import org.capi.eval.features.LoadedModel;
import org.capi.eval.features.Representation;
import org.capi.eval.features.Transform;
import org.capi.eval.knn.KnnEvaluation;
import org.capi.eval.knn.NearestNeighbours;
import org.capi.eval.knn.Vote;
import org.capi.eval.search.Metric;
import org.jspecify.annotations.Nullable;

/**
 * The k-NN probe, with every k, metric and vote that is named; what is not named is as {@code eval knn} has it.
 *
 * @param dataset the common name of the data, by which the paper's number is found
 */
public record KnnEntry(
        String train,
        String test,
        @Nullable String representation,
        @Nullable List<Integer> k,
        @Nullable Double temperature,
        @Nullable List<String> metric,
        @Nullable List<String> vote,
        @Nullable Integer imageSize,
        @Nullable String transform,
        @Nullable Integer batchSize,
        @Nullable String dataset)
        implements RecipeEntry {

    private static final int UNUSED_IMAGE_SIZE = 1;

    public KnnEntry {
        RecipeEntry.required("train", train);
        RecipeEntry.required("test", test);
        representation = RecipeEntry.or(representation, Representation.AVG_PATCH.toString());
        k = List.copyOf(RecipeEntry.or(k, List.of(NearestNeighbours.STANDARD.k())));
        metric = List.copyOf(RecipeEntry.or(metric, List.of(Metric.COSINE.toString())));
        vote = List.copyOf(RecipeEntry.or(vote, List.of(Vote.WEIGHTED.toString())));
    }

    @Override
    public String title() {
        return "k-NN, " + kept() + ", " + test;
    }

    @Override
    public void check() {
        kept().checkOneVector();
        transformed();
        new FeatureExtraction(UNUSED_IMAGE_SIZE, RecipeEntry.or(batchSize, RecipeContext.BATCH_SIZE), 1);
        try (ImageDataset known = ImageDataset.open(train);
                ImageDataset asked = ImageDataset.open(test)) {
            new KnnEvaluation(grid(), new FeatureExtraction(UNUSED_IMAGE_SIZE, 1, 1)).check(known, asked);
        }
    }

    @Override
    public List<Representation> features() {
        return List.of(kept());
    }

    @Override
    public Result run(LoadedModel model, RecipeContext context) throws IOException {
        try (ImageDataset known = ImageDataset.open(train);
                ImageDataset asked = ImageDataset.open(test)) {
            List<KnnEvaluation.Outcome> outcomes = new KnnEvaluation(
                            grid(), context.extraction(model, imageSize, batchSize))
                    .ofModel(model, context.cache(), kept(), transformed(), known, asked, context.progress());
            Double paper = PaperNumbers.of(dataset, "knn", kept().toString());
            List<Measure> measures = new ArrayList<>();
            for (var outcome : outcomes) {
                NearestNeighbours by = outcome.by();
                String name = "top-1, k " + by.k() + ", " + by.metric() + ", " + by.vote();
                measures.add(new Measure(name, outcome.result().top1(), paper));
            }
            String heading = title() + ": " + model.name();
            return new Result(
                    measures, Confusions.ofImages(heading, outcomes.get(0).confusion()));
        }
    }

    private Representation kept() {
        return Representation.named(RecipeEntry.or(representation, ""));
    }

    private Transform transformed() {
        return transform == null ? Transform.CENTRE : Transform.named(transform);
    }

    private List<NearestNeighbours> grid() {
        List<NearestNeighbours> all = new ArrayList<>();
        double heat = RecipeEntry.or(temperature, NearestNeighbours.STANDARD.temperature());
        for (String by : RecipeEntry.or(metric, List.<String>of())) {
            for (String how : RecipeEntry.or(vote, List.<String>of())) {
                if (Metric.named(by) == Metric.L2 && Vote.named(how) == Vote.WEIGHTED) {
                    continue; // votes are weighted by the cosine
                }
                for (int count : RecipeEntry.or(k, List.<Integer>of())) {
                    all.add(new NearestNeighbours(count, heat, Metric.named(by), Vote.named(how)));
                }
            }
        }
        if (all.isEmpty()) {
            throw new IllegalArgumentException("a k-NN entry needs a k, and plain votes where metric is l2");
        }
        return all;
    }
}

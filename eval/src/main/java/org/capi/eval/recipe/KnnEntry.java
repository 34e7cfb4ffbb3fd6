package org.capi.eval.recipe;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.capi.data.arrow.ImageDataset;
import org.capi.eval.features.FeatureExtraction;
import org.capi.eval.features.LoadedModel;
import org.capi.eval.features.Representation;
import org.capi.eval.knn.KnnEvaluation;
import org.capi.eval.knn.NearestNeighbours;
import org.capi.eval.knn.Vote;
import org.capi.eval.search.Metric;
import org.jspecify.annotations.Nullable;

/**
 * The k-NN probe, with every k, metric and vote that is named; the first of each when none is.
 *
 * @param dataset the common name of the data, by which the paper's number is found
 */
public record KnnEntry(
        String train,
        String test,
        String representation,
        List<Integer> k,
        @Nullable List<String> metric,
        @Nullable List<String> vote,
        @Nullable Integer imageSize,
        @Nullable String dataset)
        implements RecipeEntry {

    private static final int UNUSED_IMAGE_SIZE = 1;

    public KnnEntry {
        k = List.copyOf(k);
        metric = metric == null ? List.of(Metric.COSINE.toString()) : List.copyOf(metric);
        vote = vote == null ? List.of(Vote.WEIGHTED.toString()) : List.copyOf(vote);
    }

    @Override
    public String title() {
        return "k-NN, " + representation + ", " + test;
    }

    @Override
    public void check() {
        Representation.named(representation).checkOneVector();
        try (ImageDataset known = ImageDataset.open(train);
                ImageDataset asked = ImageDataset.open(test)) {
            new KnnEvaluation(grid(), new FeatureExtraction(UNUSED_IMAGE_SIZE, 1, 1)).check(known, asked);
        }
    }

    @Override
    public List<Representation> features() {
        return List.of(Representation.named(representation));
    }

    @Override
    public Result run(LoadedModel model, RecipeContext context) throws IOException {
        try (ImageDataset known = ImageDataset.open(train);
                ImageDataset asked = ImageDataset.open(test)) {
            List<KnnEvaluation.Outcome> outcomes = new KnnEvaluation(grid(), context.extraction(model, imageSize))
                    .ofModel(
                            model,
                            context.cache(),
                            Representation.named(representation),
                            known,
                            asked,
                            context.progress());
            Double paper = PaperNumbers.of(dataset, "knn", representation);
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

    private List<NearestNeighbours> grid() {
        List<NearestNeighbours> all = new ArrayList<>();
        double temperature = NearestNeighbours.STANDARD.temperature();
        for (String by : metric == null ? List.<String>of() : metric) {
            for (String how : vote == null ? List.<String>of() : vote) {
                if (Metric.named(by) == Metric.L2 && Vote.named(how) == Vote.WEIGHTED) {
                    continue; // votes are weighted by the cosine
                }
                for (int count : k) {
                    all.add(new NearestNeighbours(count, temperature, Metric.named(by), Vote.named(how)));
                }
            }
        }
        if (all.isEmpty()) {
            throw new IllegalArgumentException("a k-NN entry needs a k, and plain votes where metric is l2");
        }
        return all;
    }
}

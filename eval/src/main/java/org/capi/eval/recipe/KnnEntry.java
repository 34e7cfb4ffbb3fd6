package org.capi.eval.recipe;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.capi.data.arrow.ImageDataset;
import org.capi.eval.features.FeatureFile;
import org.capi.eval.features.FeatureTable;
import org.capi.eval.features.LoadedModel;
import org.capi.eval.features.Representation;
import org.capi.eval.features.SharedClasses;
import org.capi.eval.features.Tally;
import org.capi.eval.features.Transform;
import org.capi.eval.knn.Likeness;
import org.capi.eval.knn.NearestNeighbours;
import org.capi.eval.knn.Vote;
import org.jspecify.annotations.Nullable;

/**
 * The k-NN probe, with every k, likeness and vote that is named; the first of each when none is.
 *
 * @param dataset the common name of the data, by which the paper's number is found
 */
public record KnnEntry(
        String train,
        String test,
        String representation,
        List<Integer> k,
        @Nullable List<String> likeness,
        @Nullable List<String> vote,
        @Nullable Integer imageSize,
        @Nullable String dataset)
        implements RecipeEntry {

    public KnnEntry {
        k = List.copyOf(k);
        likeness = likeness == null ? List.of(Likeness.COSINE.toString()) : List.copyOf(likeness);
        vote = vote == null ? List.of(Vote.WEIGHTED.toString()) : List.copyOf(vote);
    }

    @Override
    public String title() {
        return "k-NN, " + representation + ", " + test;
    }

    @Override
    public void check() {
        if (Representation.named(representation).severalVectors()) {
            throw new IllegalArgumentException(
                    "k-NN needs one vector for an image, not the representation " + representation);
        }
        try (ImageDataset known = ImageDataset.open(train);
                ImageDataset asked = ImageDataset.open(test)) {
            SharedClasses.check(known, asked);
            neighbours().forEach(one -> one.check(known.info().labelled()));
        }
    }

    @Override
    public Result run(LoadedModel model, RecipeContext context) throws IOException {
        FeatureTable known = table(train, model, context);
        FeatureTable asked = table(test, model, context).labelledBy(known.classes());
        List<Measure> measures = new ArrayList<>();
        Tally shown = null;
        for (NearestNeighbours one : neighbours()) {
            var tally = new Tally(known.classes());
            int[] named = one.classify(known, asked);
            int right = 0;
            for (int i = 0; i < named.length; i++) {
                tally.add(asked.label(i), named[i]);
                right += named[i] == asked.label(i) ? 1 : 0;
            }
            shown = shown == null ? tally : shown;
            String name = "top-1, k " + one.k() + ", " + one.likeness() + ", " + one.vote();
            Double paper = PaperNumbers.top1(dataset, "knn", representation);
            measures.add(new Measure(name, (double) right / named.length, paper));
        }
        return new Result(
                measures, shown == null ? List.of() : Confusions.sections(title() + ": " + model.name(), shown));
    }

    private List<NearestNeighbours> neighbours() {
        List<NearestNeighbours> all = new ArrayList<>();
        for (String like : likeness == null ? List.<String>of() : likeness) {
            for (String how : vote == null ? List.<String>of() : vote) {
                if (like.equals(Likeness.L2.toString()) && how.equals(Vote.WEIGHTED.toString())) {
                    continue; // votes are weighted by the cosine
                }
                for (int count : k) {
                    double temperature = NearestNeighbours.STANDARD.temperature();
                    all.add(new NearestNeighbours(count, temperature, Likeness.named(like), Vote.named(how)));
                }
            }
        }
        if (all.isEmpty()) {
            throw new IllegalArgumentException("a k-NN entry needs a k, and plain votes where likeness is l2");
        }
        return all;
    }

    private FeatureTable table(String data, LoadedModel model, RecipeContext context) throws IOException {
        try (ImageDataset images = ImageDataset.open(data);
                FeatureFile features = context.extraction(model, imageSize)
                        .features(
                                context.cache(),
                                model,
                                Representation.named(representation),
                                Transform.CENTRE,
                                images,
                                context.progress().part(data))) {
            return FeatureTable.of(features);
        }
    }
}

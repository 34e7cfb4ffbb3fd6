package org.capi.eval.knn;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.capi.eval.features.Confusion;
import org.capi.eval.features.Representation;
import org.capi.eval.knn.KnnEvaluation.KnnResult;
import org.capi.eval.knn.KnnEvaluation.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * The k-NN accuracy of a model next to what it must beat.
 *
 * @param outcome of the chosen representation
 * @param representations top-1 of the model by representation
 */
@JsonPropertyOrder({"result", "representations", "baselines"})
public record KnnComparison(@JsonIgnore Outcome outcome, Map<String, Double> representations, Baselines baselines) {

    /** A most frequent class with this many times the share of chance is a baseline of its own. */
    private static final double UNEVEN = 1.5;

    /** Standard errors by which a baseline is beaten clearly. */
    private static final double CLEARLY = 2;

    public KnnComparison {
        representations = Collections.unmodifiableMap(new LinkedHashMap<>(representations));
    }

    /**
     * Accuracies that need no trained model.
     *
     * @param chance of guessing the class, {@code 1 / classes}
     * @param mostFrequentClass the share of the test images that have the most frequent class
     * @param pixels top-1 of the images' own pixels; null for millions of images, which are too many
     * @param untrained top-1 of the same architecture with fresh weights by representation; empty where the model does
     *     not describe its architecture
     */
    @JsonNaming(SnakeCaseStrategy.class)
    public record Baselines(
            double chance,
            double mostFrequentClass,
            @Nullable Double pixels,
            Map<String, Double> untrained) {

        public Baselines {
            untrained = Collections.unmodifiableMap(new LinkedHashMap<>(untrained));
        }
    }

    /** A line of the table: what was compared, its top-1, and what it is in words. */
    public record Row(String name, double top1, String meaning) {}

    /** The accuracy of the chosen representation. */
    @JsonProperty
    @JsonUnwrapped
    public KnnResult result() {
        return outcome.result();
    }

    /** The standard error of that accuracy. */
    double standardError() {
        return Confusion.standardError(result().top1(), result().test());
    }

    /** The model first, chance last. */
    public List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        representations.forEach((name, top1) -> rows.add(
                new Row("model, " + name, top1, Representation.named(name).meaning())));
        baselines.untrained.forEach(
                (name, top1) -> rows.add(new Row("untrained, " + name, top1, "the same network with random weights")));
        if (baselines.pixels != null) {
            rows.add(new Row("raw pixels", baselines.pixels, "the images themselves at 16 x 16 pixels, no model"));
        }
        if (isUneven()) {
            rows.add(new Row("most frequent class", baselines.mostFrequentClass, "naming it for every image"));
        }
        rows.add(new Row("chance", baselines.chance, "guessing one of " + result().classes() + " classes"));
        return rows;
    }

    private boolean isUneven() {
        return baselines.mostFrequentClass > UNEVEN * baselines.chance;
    }

    /** A sentence for each baseline that the model does not beat, or not clearly. */
    public List<String> warnings() {
        Map<String, Double> beaten = new LinkedHashMap<>();
        Double untrained = baselines.untrained.get(result().representation());
        if (untrained != null) {
            beaten.put("the untrained model", untrained);
        }
        if (baselines.pixels != null) {
            beaten.put("raw pixels", baselines.pixels);
        }
        if (isUneven()) {
            beaten.put("naming the most frequent class", baselines.mostFrequentClass);
        }
        List<String> warnings = new ArrayList<>();
        beaten.forEach((name, top1) -> {
            double lead = result().top1() - top1;
            if (lead <= 0) {
                warnings.add(said("the model (%s, %.1f %%) does not beat %s (%.1f %%)", name, top1));
            } else if (lead < CLEARLY * standardError()) {
                warnings.add(
                        said("the model (%s, %.1f %%) beats %s (%.1f %%) by less than two standard errors", name, top1)
                                + String.format(Locale.ROOT, " (%.1f points each)", 100 * standardError()));
            }
        });
        return warnings;
    }

    /** What to do about the warnings, if there are any. */
    public String advice() {
        String best = Collections.max(representations.entrySet(), Map.Entry.comparingByValue())
                .getKey();
        double top1 = representations.getOrDefault(best, 0.0);
        double pixels = baselines.pixels == null ? 0 : baselines.pixels;
        double least = Math.max(pixels, baselines.untrained.getOrDefault(best, 0.0));
        return top1 - result().top1() >= CLEARLY * standardError() && top1 > least
                ? String.format(
                        Locale.ROOT,
                        "The model's %s does better here, %.1f %%: representation=%s makes it the first line.",
                        best,
                        100 * top1,
                        best)
                : "Train longer, use more images, or start from published weights (pretrain --from-weights).";
    }

    private String said(String sentence, String baseline, double top1) {
        return String.format(
                Locale.ROOT, sentence, result().representation(), 100 * result().top1(), baseline, 100 * top1);
    }

    /** Writes {@code knn-REPRESENTATION.json} into a folder, which is created if missing. */
    public void write(Path folder) throws IOException {
        KnnResult.write(folder, result().representation(), this);
    }
}

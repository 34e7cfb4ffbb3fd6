package org.capi.train.ablate;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.capi.data.arrow.DatasetPath;
import org.capi.eval.recipe.RecipeEntry;
import org.jspecify.annotations.Nullable;

/**
 * An evaluation of a recipe, the same for every variant: a fraction, the higher the better.
 *
 * @param name of its column
 * @param train the labelled images to learn from, {@code DIR[:SPLIT]}; a name in braces stands for a set of the command
 *     line
 * @param test the images to evaluate on
 * @param settings of the command {@code eval}, by their keys
 * @param beside the paper's column that this one is compared with, or null
 */
public record AblationMetric(
        String name,
        Probe probe,
        String train,
        String test,
        Map<String, JsonNode> settings,
        @Nullable String beside) {

    public enum Probe {
        /** Top-1 of the nearest neighbours, by the mean of the patches unless a setting names another representation. */
        KNN("knn", "/top1", ""),
        /** Top-1 of a linear classifier over the mean of the patches. */
        LINEAR("probe", "/probes/0/tests/0/top1", "representations=avg_patch"),
        /** Top-1 of a classifier that attends to the patches. */
        ATTENTIVE("probe", "/probes/0/tests/0/top1", "representations=patches"),
        /** Mean intersection over union of the nearest patches' labels. */
        SEGMENT_KNN("segment", "/probes/0/mean_iou", "probe=knn"),
        /** The same of a logistic regression. */
        SEGMENT_LOGISTIC("segment", "/probes/0/mean_iou", "probe=logistic");

        private final String command;
        private final String pointer;
        private final String setting;

        Probe(String command, String pointer, String setting) {
            this.command = command;
            this.pointer = pointer;
            this.setting = setting;
        }

        /** The command below {@code eval}. */
        public String command() {
            return command;
        }

        /** The fraction in the JSON that the command printed. */
        double measure(JsonNode result) {
            JsonNode value = result.at(pointer);
            if (!value.isNumber()) {
                throw new IllegalArgumentException("no number at " + pointer + " in " + result);
            }
            return value.doubleValue();
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public AblationMetric {
        RecipeEntry.required("name of an evaluation", name);
        RecipeEntry.required("probe of the evaluation " + name, probe);
        RecipeEntry.required("train of the evaluation " + name, train);
        RecipeEntry.required("test of the evaluation " + name, test);
        settings = RecipeFile.copy(settings);
    }

    /** Each setting as {@code key=value}, those of the probe first; lists have commas. */
    public List<String> texts() {
        List<String> texts = new ArrayList<>(probe.setting.isEmpty() ? List.of() : List.of(probe.setting));
        settings.forEach((key, value) -> texts.add(key + "="
                + (value.isArray()
                        ? String.join(
                                ",", value.valueStream().map(JsonNode::asText).toList())
                        : value.asText())));
        return texts;
    }

    List<String> command(Path model, Path out) {
        List<String> command =
                new ArrayList<>(List.of("eval", probe.command(), "--model=" + model, "--train=" + train));
        command.addAll(List.of("--test=" + test, "--out=" + out, "--json"));
        if (probe == Probe.KNN) {
            // Variants are compared with each other; and what no recipe names stays as it was for older ablations.
            command.add("--no-baselines");
            command.add("representation=avg_patch");
        }
        command.addAll(texts());
        return command;
    }

    /** The same with names in braces replaced, and absolute paths. */
    public AblationMetric at(ImageSets sets) {
        return new AblationMetric(
                name,
                probe,
                DatasetPath.parse(sets.resolve(train)).absolute(),
                DatasetPath.parse(sets.resolve(test)).absolute(),
                settings,
                beside);
    }

    /** {@code eval knn, set -> set:val, k=20}. */
    String definition() {
        List<String> texts = texts();
        return "eval " + probe.command() + ", " + train + " -> " + test
                + (texts.isEmpty() ? "" : ", " + String.join(" ", texts));
    }
}

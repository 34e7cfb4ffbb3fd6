package org.capi.train.ablate;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.capi.data.arrow.DatasetPath;
import org.jspecify.annotations.Nullable;

/**
 * An evaluation of a recipe, made of every variant alike.
 *
 * @param name of its column
 * @param probe what it measures
 * @param train the labelled images to learn from, {@code DIR[:SPLIT]}; a name in braces stands for a set of the command line
 * @param test those to be judged by
 * @param settings of the command {@code eval}, by their keys
 * @param beside the paper's column that this one is compared with, or null
 */
public record JudgeEntry(
        String name,
        Judge probe,
        String train,
        String test,
        @Nullable Map<String, JsonNode> settings,
        @Nullable String beside) {

    public JudgeEntry {
        AblationRecipe.required("name of an evaluation", name);
        AblationRecipe.required("probe of the evaluation " + name, probe);
        AblationRecipe.required("train of the evaluation " + name, train);
        AblationRecipe.required("test of the evaluation " + name, test);
        settings = settings == null ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(settings));
    }

    /** Each setting as {@code key=value}, those of the probe first. */
    public List<String> texts() {
        List<String> texts = new ArrayList<>(probe.settings());
        if (settings != null) {
            settings.forEach((key, value) -> texts.add(key + "=" + plain(value)));
        }
        return texts;
    }

    /** The command that evaluates a model. */
    List<String> command(Path model, Path out) {
        List<String> command =
                new ArrayList<>(List.of("eval", probe.command(), "--model=" + model, "--train=" + train));
        command.addAll(List.of("--test=" + test, "--out=" + out, "--json"));
        command.addAll(texts());
        return command;
    }

    /** The same with names in braces replaced, and absolute paths. */
    public JudgeEntry at(ImageSets sets) {
        return new JudgeEntry(
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

    /** Lists have commas, as {@code eval} wants them. */
    private static String plain(JsonNode value) {
        return value.isArray()
                ? String.join(",", value.valueStream().map(JsonNode::asText).toList())
                : value.asText();
    }
}

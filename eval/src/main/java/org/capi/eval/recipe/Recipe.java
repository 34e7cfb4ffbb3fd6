package org.capi.eval.recipe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Evaluations of one model or of several, side by side.
 *
 * @param source where it was read, such as {@code the recipe all.yaml}
 * @param models the folders of SavedModels
 * @param evaluations each done for every model
 */
public record Recipe(String source, List<String> models, List<RecipeEntry> evaluations) {

    private static final String PROBE = "probe";
    private static final Set<String> KEYS = Set.of("models", "evaluations");

    public Recipe {
        models = List.copyOf(models);
        evaluations = List.copyOf(evaluations);
        if (models.isEmpty() || evaluations.isEmpty()) {
            throw new IllegalArgumentException(
                    source + ": a recipe names at least one of models and one of evaluations");
        }
    }

    /** Reads a YAML file; what is no recipe is refused with the place and the reason. */
    public static Recipe read(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException("no recipe file: " + file);
        }
        String source = "the recipe " + file;
        ObjectNode tree = RecipeYaml.parse(RecipeYaml.read(file), source);
        tree.fieldNames().forEachRemaining(key -> {
            if (!KEYS.contains(key)) {
                throw new IllegalArgumentException(
                        source + ": unknown key " + RecipeYaml.shown(key, 60) + "; known here: evaluations, models");
            }
        });
        List<String> models = new ArrayList<>();
        for (JsonNode model : listed(tree.path("models"))) {
            if (!model.isValueNode() || model.isNull()) {
                throw new IllegalArgumentException(source + ": models must be folders of SavedModels, was "
                        + RecipeYaml.shown(model.toString(), 60));
            }
            models.add(model.asText());
        }
        List<RecipeEntry> evaluations = new ArrayList<>();
        for (JsonNode entry : listed(tree.path("evaluations"))) {
            evaluations.add(entry(entry, source + ", entry " + (evaluations.size() + 1)));
        }
        return new Recipe(source, models, evaluations);
    }

    /** Where an entry is, for a message. */
    String place(int entry) {
        return source + ", entry " + (entry + 1) + " (" + evaluations.get(entry).probe() + ")";
    }

    /** A single value is a list of one. */
    private static List<JsonNode> listed(JsonNode node) {
        List<JsonNode> nodes = new ArrayList<>();
        if (node.isArray()) {
            node.forEach(nodes::add);
        } else if (!node.isMissingNode()) {
            nodes.add(node);
        }
        return nodes;
    }

    private static RecipeEntry entry(JsonNode entry, String place) {
        if (!(entry instanceof ObjectNode mapping)) {
            throw new IllegalArgumentException(
                    place + ": there must be keys with values, was " + RecipeYaml.shown(entry.toString(), 60));
        }
        Map<String, Class<? extends RecipeEntry>> kinds = new LinkedHashMap<>();
        for (Class<? extends RecipeEntry> kind : RecipeEntry.KINDS) {
            kinds.put(RecipeEntry.probe(kind), kind);
        }
        JsonNode probe = mapping.remove(PROBE);
        if (probe == null) {
            throw new IllegalArgumentException(
                    place + ": missing key probe, one of " + String.join(", ", kinds.keySet()));
        }
        Class<? extends RecipeEntry> kind = kinds.get(probe.asText());
        if (kind == null) {
            throw new IllegalArgumentException(place + ": probe must be one of " + String.join(", ", kinds.keySet())
                    + ", was " + RecipeYaml.shown(probe.asText(), 60));
        }
        return RecipeYaml.bind(mapping, kind, place + " (" + probe.asText() + ")");
    }
}

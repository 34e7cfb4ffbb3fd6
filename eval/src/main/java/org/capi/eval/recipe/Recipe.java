package org.capi.eval.recipe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Evaluations of one model or of several.
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

    /** Reads a YAML file; a fault is refused with its position and the reason. */
    public static Recipe read(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException("no recipe file: " + file);
        }
        String source = "the recipe " + file;
        ObjectNode tree = RecipeYaml.parse(RecipeYaml.read(file), source);
        tree.fieldNames().forEachRemaining(key -> {
            if (!KEYS.contains(key)) {
                throw new IllegalArgumentException(
                        source + ": unknown key " + RecipeYaml.shown(key) + "; known here: evaluations, models");
            }
        });
        List<String> models = new ArrayList<>();
        for (JsonNode model : listed(tree.path("models"))) {
            if (!model.isValueNode() || model.isNull()) {
                throw new IllegalArgumentException(
                        source + ": models must be folders of SavedModels, was " + RecipeYaml.shown(model.toString()));
            }
            models.add(model.asText());
        }
        List<RecipeEntry> evaluations = new ArrayList<>();
        for (JsonNode entry : listed(tree.path("evaluations"))) {
            evaluations.add(entry(entry, source + ", entry " + (evaluations.size() + 1)));
        }
        return new Recipe(source, models, evaluations);
    }

    /** A single value is a list of one. */
    private static List<JsonNode> listed(JsonNode node) {
        return node.isArray() ? node.valueStream().toList() : node.isMissingNode() ? List.of() : List.of(node);
    }

    private static RecipeEntry entry(JsonNode entry, String at) {
        if (!(entry instanceof ObjectNode mapping)) {
            throw new IllegalArgumentException(
                    at + ": there must be keys with values, was " + RecipeYaml.shown(entry.toString()));
        }
        String kinds = RecipeEntry.KINDS.stream().map(RecipeEntry::probe).collect(Collectors.joining(", "));
        JsonNode probe = mapping.remove(PROBE);
        if (probe == null) {
            throw new IllegalArgumentException(at + ": missing key probe, one of " + kinds);
        }
        Class<? extends RecipeEntry> kind = RecipeEntry.KINDS.stream()
                .filter(one -> RecipeEntry.probe(one).equals(probe.asText()))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        at + ": probe must be one of " + kinds + ", was " + RecipeYaml.shown(probe.asText())));
        return RecipeYaml.bind(mapping, kind, at + " (" + probe.asText() + ")");
    }

    String position(int entry) {
        return source + ", entry " + (entry + 1) + " (" + evaluations.get(entry).probe() + ")";
    }
}

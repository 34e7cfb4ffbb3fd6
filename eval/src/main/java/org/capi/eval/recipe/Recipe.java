package org.capi.eval.recipe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Evaluations of one model or of several, side by side.
 *
 * @param models the folders of SavedModels
 * @param evaluations each done for every model
 */
public record Recipe(List<String> models, List<RecipeEntry> evaluations) {

    private static final YAMLMapper YAML = YAMLMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build();

    public Recipe {
        models = models == null ? List.of() : List.copyOf(models);
        evaluations = evaluations == null ? List.of() : List.copyOf(evaluations);
        if (models.isEmpty() || evaluations.isEmpty()) {
            throw new IllegalArgumentException("a recipe names at least one of models and one of evaluations");
        }
    }

    /** Reads a YAML file; what is no recipe is refused with the place and the reason. */
    public static Recipe read(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException("no recipe file: " + file);
        }
        try {
            return YAML.readValue(Files.readString(file), Recipe.class);
        } catch (JsonProcessingException e) {
            String why = e.getOriginalMessage().lines().findFirst().orElse("");
            int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
            throw new IllegalArgumentException("the recipe " + file + ", line " + line + ": " + why, e);
        }
    }
}

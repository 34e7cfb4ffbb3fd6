package org.capi.train.ablate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.capi.train.config.Nearest;

/**
 * A recipe and where it was read.
 *
 * @param name of a recipe that comes with the program, or the file's
 * @param folder that its paths start from
 */
public record RecipeFile(String name, Path folder, AblationRecipe recipe) {

    /** The recipes that come with the program: the paper's tables at its own scale, and for two CPU cores. */
    public static final List<String> SHIPPED = List.of(
            "table1a",
            "table1b",
            "table1c",
            "table1d",
            "table1e",
            "table1f",
            "table1g",
            "table1h",
            "table1i",
            "prototypes",
            "data",
            "length",
            "demo-table1a",
            "demo-table1b",
            "demo-table1c",
            "demo-table1d",
            "demo-table1e",
            "demo-table1f",
            "demo-table1g",
            "demo-table1h",
            "demo-table1i",
            "demo-prototypes",
            "demo-data",
            "demo-length");

    private static final YAMLMapper YAML = YAMLMapper.builder(YAMLFactory.builder()
                    .enable(YAMLParser.Feature.PARSE_BOOLEAN_LIKE_WORDS_AS_STRINGS)
                    .build())
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.READ_ENUMS_USING_TO_STRING)
            .build();

    /** One that comes with the program, by its name, or a file of one's own. */
    public static RecipeFile named(String text) throws IOException {
        if (SHIPPED.contains(text)) {
            return shipped(text);
        }
        Path file = Path.of(text);
        if (Files.isRegularFile(file)) {
            Path folder = file.toAbsolutePath().resolveSibling("");
            return new RecipeFile(text, folder, parse(read(file), "the recipe " + file));
        }
        String nearest = Nearest.to(text, SHIPPED);
        throw new IllegalArgumentException("no recipe file and no recipe of the program: " + text + "; "
                + (nearest == null ? "" : "did you mean " + nearest + "? ") + "There are: "
                + String.join(", ", SHIPPED));
    }

    private static String read(Path file) throws IOException {
        try {
            return Files.readString(file);
        } catch (MalformedInputException e) {
            throw new IllegalArgumentException("the recipe " + file + " is no recipe: not UTF-8 text", e);
        }
    }

    private static RecipeFile shipped(String name) throws IOException {
        try (InputStream resource = RecipeFile.class.getResourceAsStream(name + ".yaml")) {
            if (resource == null) {
                throw new IllegalStateException("the recipe " + name + " is missing from the jar");
            }
            String text = new String(resource.readAllBytes(), StandardCharsets.UTF_8);
            return new RecipeFile(name, Path.of(""), parse(text, "the recipe " + name));
        }
    }

    static AblationRecipe parse(String text, String source) {
        try {
            if (!YAML.readTree(text).isObject()) {
                throw new IllegalArgumentException(source + " is no recipe: it has no keys");
            }
            return YAML.readValue(text, AblationRecipe.class);
        } catch (JsonProcessingException e) {
            int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
            throw new IllegalArgumentException(source + (line > 0 ? ", line " + line : "") + ": " + why(e), e);
        }
    }

    private static String why(JsonProcessingException e) {
        if (e instanceof UnrecognizedPropertyException unknown) {
            List<String> known = unknown.getKnownPropertyIds().stream()
                    .map(String::valueOf)
                    .sorted()
                    .toList();
            String nearest = Nearest.to(unknown.getPropertyName(), known);
            return "unknown key " + unknown.getPropertyName() + "; "
                    + (nearest == null ? "known here: " + String.join(", ", known) : "did you mean " + nearest + "?");
        }
        if (e instanceof JsonMappingException && e.getCause() instanceof IllegalArgumentException refused) {
            return String.valueOf(refused.getMessage());
        }
        return e.getOriginalMessage().lines().findFirst().orElse("not readable");
    }
}

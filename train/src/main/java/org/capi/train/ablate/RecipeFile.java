package org.capi.train.ablate;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.capi.eval.recipe.RecipeYaml;
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

    /** One that comes with the program, by its name, or a file of one's own. */
    public static RecipeFile named(String text) throws IOException {
        if (SHIPPED.contains(text)) {
            return shipped(text);
        }
        Path file = Path.of(text);
        if (Files.isRegularFile(file)) {
            Path folder = file.toAbsolutePath().resolveSibling("");
            return new RecipeFile(text, folder, parse(RecipeYaml.read(file), "the recipe " + file));
        }
        String nearest = Nearest.to(text, SHIPPED);
        throw new IllegalArgumentException("no recipe file and no recipe of the program: " + text + "; "
                + (nearest == null ? "" : "did you mean " + nearest + "? ") + "There are: "
                + String.join(", ", SHIPPED));
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
        return RecipeYaml.bind(RecipeYaml.parse(text, source), AblationRecipe.class, source, RecipeFile::unknown);
    }

    private static String unknown(String key, List<String> known) {
        String nearest = Nearest.to(key, known);
        return nearest == null ? "known here: " + String.join(", ", known) : "did you mean " + nearest + "?";
    }
}

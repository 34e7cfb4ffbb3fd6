package org.capi.train.ablate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.capi.fuzz.MutatedFiles;
import org.capi.train.ablate.RecipeFile.Variant;
import org.capi.train.config.ConfigFile;
import org.capi.train.config.PretrainConfig;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;

class RecipeFileTest {

    static final List<String> SHIPPED = RecipeFile.SHIPPED;

    private static final Path PAPER = Path.of(System.getProperty("capi.root", "."), "../shared/spec/PAPER.md");
    private static final String GOOD = """
            title: t
            base: {preset: demo}
            seeds: [0]
            evaluations: [{name: a, probe: knn, train: x, test: y}]
            variants: [{name: v}]
            """;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @FieldSource("SHIPPED")
    void everyVariantOfAShippedRecipeIsAConfigurationThatTheStepAccepts(String name) throws IOException {
        RecipeFile file = RecipeFile.named(name);
        for (Variant variant : file.recipe().variants()) {
            assumeKeysExist(variant);
            PretrainConfig config = variant.resolve(file.recipe().base().read(file.folder()));
            assertThat(config.seed()).isZero();
        }
        assertThat(file.recipe().title().contains("demo scale")).isEqualTo(name.startsWith("demo-"));
        assertThat(file.recipe().seeds()).hasSize(name.startsWith("demo-") ? 2 : 1);
    }

    @ParameterizedTest
    @FieldSource("SHIPPED")
    void theVariantsOfAShippedRecipeDiffer(String name) throws IOException {
        RecipeFile file = RecipeFile.named(name);
        Map<String, String> seen = new TreeMap<>();
        for (Variant variant : file.recipe().variants()) {
            assumeKeysExist(variant);
            String content =
                    variant.resolve(file.recipe().base().read(file.folder())).toYaml() + variant.data();
            assertThat(seen.put(content, variant.name())).as(variant.name()).isNull();
        }
    }

    /** The paper's names for the models of its rows are presets. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            table1b | random (90 %) | A0dd4
            table1b | block | A9b4a
            table1b | inverse block | A7cc0
            table1b | inverse block + roll (default) | Adcab
            table1c | direct (I-JEPA), identity heads | A3bb3
            table1c | iBOT, MLP head | A2fcb
            table1c | CAPI, MLP head | Aeb48
            table1d | [100 %, 100 %] | A74f9
            table1d | [20 %, 100 %] | Ae7b3
            table1e | 55 % | A41b8
            table1e | 75 % | Ac8bc
            table1f | 5 x 1536 | Af989
            table1f | 21 x 768 | A2da0
            table1g | 0 registers | A9ce8
            table1h | learnable | A1177
            table1i | standard | A72fb
            length | 25,000 steps | Abe05
            length | 50,000 steps | Acd44
            length | 200,000 steps | A2ca8
            """)
    void aRowOfTheFullScaleIsThePapersModel(String recipe, String row, String model) throws IOException {
        RecipeFile file = RecipeFile.named(recipe);
        Variant variant = file.recipe().variants().stream()
                .filter(one -> one.name().equals(row))
                .findFirst()
                .orElseThrow();
        assumeKeysExist(variant);
        assumeTrue(ConfigFile.presets().contains(model), () -> "skipped: there is no preset " + model + " yet");
        assertThat(variant.resolve(file.recipe().base().read(file.folder())).toYaml())
                .isEqualTo(ConfigFile.preset(model).resolve().toYaml());
    }

    /** Each line {@code | a | choice | ADE | IN1k |} of Table 1, in its order. */
    @Test
    void thePapersNumbersAreThoseOfItsTable() throws IOException {
        assumeTrue(Files.exists(PAPER), () -> "skipped: there is no " + PAPER);
        String letter = "";
        Map<String, StringBuilder> paper = new TreeMap<>();
        List<String> lines = Files.readAllLines(PAPER);
        for (String line : lines.subList(
                lines.indexOf("## Table 1, ablations"), lines.indexOf("## Headline") < 0 ? 0 : lines.size())) {
            String[] cells = line.split("\\|", -1);
            if (line.startsWith("(")) {
                break;
            }
            if (cells.length == 6 && cells[3].strip().matches("[0-9.]+")) {
                letter = cells[1].isBlank() ? letter : cells[1].strip().substring(0, 1);
                paper.computeIfAbsent(letter, key -> new StringBuilder())
                        .append(cells[3].strip())
                        .append(' ')
                        .append(cells[4].strip())
                        .append('\n');
            }
        }
        assertThat(paper).hasSize(9);
        for (Map.Entry<String, StringBuilder> table : paper.entrySet()) {
            for (String prefix : List.of("", "demo-")) {
                StringBuilder ours = new StringBuilder();
                for (Variant variant : RecipeFile.named(prefix + "table1" + table.getKey())
                        .recipe()
                        .variants()) {
                    Map<String, Double> numbers = variant.paper();
                    if (!numbers.isEmpty()) {
                        ours.append(numbers.get("ADE"))
                                .append(' ')
                                .append(numbers.get("IN1k"))
                                .append('\n');
                    }
                }
                assertThat(ours.toString())
                        .as(prefix + table.getKey())
                        .isEqualTo(table.getValue().toString());
            }
        }
    }

    @Test
    void aFileOfOnesOwnIsReadWithItsConfigurationNextToIt() throws IOException {
        Files.writeString(
                folder.resolve("mine.yaml"), ConfigFile.preset("demo").resolve().toYaml());
        Path file = Files.writeString(
                folder.resolve("recipe.yaml"),
                GOOD.replace("{preset: demo}", "{config: mine.yaml, overrides: {optim.batch_size: 32}}"));
        RecipeFile read = RecipeFile.named(file.toString());
        PretrainConfig config = read.recipe().base().read(read.folder()).resolve();
        assertThat(config.optim().batchSize()).isEqualTo(32);
        assertThat(read.recipe().base()).hasToString("mine.yaml with optim.batch_size=32");
    }

    @Test
    void aWrongNameIsAnsweredWithTheNearestAndAllOthers() {
        assertThatThrownBy(() -> RecipeFile.named("demo-tabel1a"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("no recipe file and no recipe of the program: demo-tabel1a; did you mean"
                        + " demo-table1a? There are: table1a, table1b, ")
                .hasMessageContaining("demo-length");
    }

    @Test
    void faultsAreNamedInOneLine() {
        refused(
                "varaints: []\nvariants: [{name: v}]",
                "unknown key varaints; did you mean variants?",
                "variants: [{name: v}]");
        refused("", "a recipe must give at least one of variants, there was none", "variants: [{name: v}]");
        refused("", "missing key base", "base: {preset: demo}");
        refused(
                "base: {}",
                "base names either a preset or a config, was preset null and config null",
                "base: {preset: demo}");
        refused(
                "base: {preset: demo, overrides: {seed: 3}}",
                "an override must not be the seed, which seeds gives, was seed=3",
                "base: {preset: demo}");
        refused("seeds: [1, 1]", "seeds must differ from one another, there were two of 1", "seeds: [0]");
        refused(
                "variants: [{name: v}, {name: v}]",
                "variants must differ from one another, there were two of v",
                "variants: [{name: v}]");
        refused("variants: [{data: x}]", "missing key name of a variant", "variants: [{name: v}]");
        assertThatThrownBy(() -> RecipeFile.parse(GOOD.replace("probe: knn", "probe: kn"), "the recipe r"))
                .hasMessageContaining("kn")
                .hasMessageContaining("segment_knn");
        assertThatThrownBy(() -> RecipeFile.parse("", "the recipe r"))
                .hasMessageStartingWith("the recipe r")
                .hasMessage("the recipe r is not a recipe: it has no keys");
        assertThatThrownBy(() -> RecipeFile.parse("null", "the recipe r"))
                .hasMessage("the recipe r is not a recipe: it has no keys");
    }

    @Test
    void aSingleValueIsAListOfOneAndOtherFaultsAreNamedWithTheirPlace() {
        RecipeFile.Content recipe =
                RecipeFile.parse(GOOD.replace("[0]", "4").replace("[{name: v}]", "{name: v}"), "the recipe r");
        assertThat(recipe.seeds()).containsExactly(4L);
        assertThat(recipe.variants()).extracting(Variant::name).containsExactly("v");
        for (String[] fault : new String[][] {
            {"[0]", "[one]", "the recipe r: seeds must be a whole number, was \"one\""},
            {"[0]", "[1.5]", "the recipe r: seeds must be a whole number, was 1.5"},
            {"[0]", "[010]", "the recipe r, line 3: a number must not begin with 0, was 010"},
            {"[0]", "[0, null]", "the recipe r: the key seeds has no value"},
            {"title: t", "title:", "the recipe r: missing key title"},
            {"title: t", "title: t\ntitle: u", "the recipe r, line 2: the key title is given twice"},
            {"{preset: demo}", "demo", "the recipe r: base must be keys with values, was \"demo\""},
            {"[{name: v}]", "[{name: v}", "the recipe r, line 6, column 1: expected ',' or ']', but got <stream end>"},
            {"[{name: v}]", "[3]", "the recipe r: variants must be keys with values, was 3"},
            {
                "[{name: v}]",
                "[{name: v, paper: {ADE: high}}]",
                "the recipe r: variants.paper.ADE must be a number, was \"high\""
            },
        }) {
            assertThatThrownBy(() -> RecipeFile.parse(GOOD.replace(fault[0], fault[1]), "the recipe r"))
                    .as(fault[1])
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(fault[2]);
        }
    }

    @Tag("slow")
    @Test
    void mutatedRecipesAreReadOrRefusedInOneLine() throws IOException {
        List<Path> recipes = new ArrayList<>();
        for (String name : List.of("demo-table1b", "table1i")) {
            try (var resource = Objects.requireNonNull(RecipeFile.class.getResourceAsStream(name + ".yaml"))) {
                recipes.add(Files.write(folder.resolve(name + ".yaml"), resource.readAllBytes()));
            }
        }
        MutatedFiles.parseAll(recipes, folder, 4000, 64 << 20, file -> RecipeFile.named(file.toString()));
    }

    @Test
    void aVariantThatCannotBeIsRefusedByItsName() {
        Variant wrong = RecipeFile.parse(
                        GOOD.replace("{name: v}", "{name: v, overrides: {data.maks: block}}"), "the recipe r")
                .variants()
                .get(0);
        assertThatThrownBy(() -> wrong.resolve(ConfigFile.preset("demo")))
                .hasMessage("the variant v: unknown key data.maks; did you mean data.mask?");
    }

    @Test
    void namesInBracesAreTheSetsOfTheCommandLine() {
        ImageSets sets = ImageSets.of("sets/photos:train,sets/more", List.of("ade=sets/ade20k"));
        Path here = Path.of("").toAbsolutePath();
        assertThat(sets.resolve("{data}:val")).isEqualTo(here + "/sets/photos:val");
        assertThat(sets.resolve("{ade}")).isEqualTo(here + "/sets/ade20k");
        assertThat(sets.data()).isEqualTo(here + "/sets/photos:train," + here + "/sets/more");
        assertThatThrownBy(() -> sets.resolve("{in1k}:val"))
                .hasMessage("the recipe names the images {in1k}, which are not given: add --set in1k=DIR; given:"
                        + " [data, ade]");
        assertThatThrownBy(() -> ImageSets.of("x", List.of("ade"))).hasMessage("--set is NAME=DIR, was ade");
        assertThatThrownBy(() -> ImageSets.of("x", List.of("data=y")))
                .hasMessage("--set data is given twice, or is what --data names");
    }

    private static void refused(String instead, String message, String of) {
        assertThatThrownBy(() -> RecipeFile.parse(GOOD.replace(of, instead), "the recipe r"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("the recipe r")
                .hasMessageEndingWith(": " + message);
    }

    /** Rows whose keys the configuration does not have yet are passed over. */
    private static void assumeKeysExist(Variant variant) {
        String yaml = ConfigFile.preset("demo").resolve().toYaml();
        for (String key : variant.overrides().keySet()) {
            String last = key.substring(key.indexOf('.') + 1);
            assumeTrue(yaml.contains(" " + last + ":"), () -> "skipped: the configuration has no key " + key + " yet");
        }
    }
}

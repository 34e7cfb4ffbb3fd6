package org.capi.train.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class ConfigReferenceTest {

    static final List<String> PRESETS = ConfigFile.presets();

    private static final Path DOCUMENT = Path.of(System.getProperty("capi.root", ".."), "train/CONFIG.md");

    /** The value at the start of what is said of the paper: a list, or all up to a space, comma or semicolon. */
    private static final Pattern VALUE = Pattern.compile("\\[.*?]|[^ ,;]+");

    /** What must change too where a key is at a bound, so that no other rule is broken. */
    private static final Map<String, List<String>> TOGETHER = Map.of(
            "model.dim", List.of("model.heads=1", "model.predictor_dim=4"),
            "model.predictor_dim", List.of("model.heads=32"),
            "model.predictor_depth", List.of("model.predictor=fused"),
            "optim.total_steps", List.of("optim.warmup_steps=0"),
            "data.mask_ratio", List.of("data.prediction_subsampling=1"),
            "data.image_size", List.of("model.patch_size=1", "data.mask=uniform", "data.roll=false"));

    @Test
    void theDocumentIsWhatTheProgramSays() throws IOException {
        assertThat(Files.readString(DOCUMENT))
                .as("train/CONFIG.md is out of date; write it anew: ./capi config --markdown > train/CONFIG.md")
                .isEqualTo(String.join("\n", ConfigReference.markdown()) + "\n");
    }

    @Test
    void everyKeyIsExplainedAndNothingElse() {
        var said = ConfigFile.resource("keys");
        List<String> paths = new ArrayList<>();
        said.fieldNames().forEachRemaining(paths::add);

        assertThat(paths)
                .containsExactlyElementsOf(ConfigKeys.entries().stream()
                        .map(ConfigKeys.KeyEntry::path)
                        .toList());
        Set<String> facts = Set.of("meaning", "paper", "at_least", "above", "at_most", "below", "rule", "synonyms");
        said.properties().forEach(key -> {
            assertThat(key.getValue().path("meaning").asText()).as(key.getKey()).matches("[A-Z].*\\.");
            key.getValue()
                    .fieldNames()
                    .forEachRemaining(fact -> assertThat(facts).as(key.getKey()).contains(fact));
        });
    }

    @Test
    void anotherNameStandsForOneKey() {
        List<String> names = new ArrayList<>();
        for (ConfigKeys.KeyEntry entry : ConfigKeys.entries()) {
            names.add(entry.name());
            entry.key().synonyms().stream()
                    .filter(synonym -> !synonym.isEmpty())
                    .map(synonym -> synonym.replaceFirst("=.*", ""))
                    .forEach(names::add);
        }
        names.removeAll(List.of("every", "train")); // of several sections; of evals, and another name of optim
        assertThat(names).doesNotHaveDuplicates();
        for (ConfigKeys.KeyEntry entry : ConfigKeys.entries()) {
            entry.key().synonyms().stream()
                    .filter(synonym -> synonym.contains("="))
                    .forEach(synonym -> assertThat(Yaml.accepts(entry, synonym.replaceFirst(".*=", "")))
                            .as(entry.path() + " " + synonym)
                            .isTrue());
        }
    }

    /** One that resolves to the same as the preset of its largest model; its batch is larger than one GPU holds. */
    @Test
    void whatIsSaidOfThePaperIsWhatItsPresetHas() {
        var preset = ConfigFile.preset("vitl14");
        List<String> values = ConfigKeys.entries().stream()
                .filter(entry -> !entry.key().paper().isEmpty() && !entry.path().equals("optim.batch_size"))
                .map(entry -> entry.path() + "="
                        + VALUE.matcher(entry.key().paper())
                                .results()
                                .findFirst()
                                .orElseThrow()
                                .group())
                .toList();

        assertThat(values).hasSizeGreaterThan(35);
        assertThat(preset.with(values).resolve()).isEqualTo(preset.resolve());
        assertThat(ConfigKeys.key("optim.batch_size").paper()).startsWith("16384, which is 512 on each of 32 GPUs");
        assertThat(preset.resolve().optim().batchSize()).isEqualTo(512);
    }

    @Test
    void aNumberOutOfTheRangeThatIsSaidIsRefusedAndOneWithinIsTaken() {
        int bounds = 0;
        for (ConfigKeys.KeyEntry entry : ConfigKeys.entries()) {
            ConfigKeys.Key key = entry.key();
            boolean whole = entry.values().startsWith("whole");
            String range = ConfigKeys.range(key);
            assertThat(entry.values()).contains(range);
            if (!Double.isNaN(key.atLeast())) {
                assertBound(entry, key.atLeast(), key.atLeast() - (whole ? 1 : 0.5), whole);
                bounds++;
            }
            if (!Double.isNaN(key.above())) {
                assertBound(entry, key.above() + 0.03, key.above(), whole);
                bounds++;
            }
            if (!Double.isNaN(key.atMost())) {
                assertBound(entry, key.atMost(), key.atMost() + 0.5, whole);
                bounds++;
            }
            if (!Double.isNaN(key.below())) {
                assertBound(entry, key.below() - 0.02, key.below(), whole);
                bounds++;
            }
        }
        assertThat(bounds).isGreaterThan(45);
    }

    private static void assertBound(ConfigKeys.KeyEntry entry, double within, double beyond, boolean whole) {
        String path = entry.path().replace("[]", "[0]");
        List<String> overrides = new ArrayList<>(TOGETHER.getOrDefault(path, List.of()));
        overrides.add(override(entry, number(within, whole)));
        var config = ConfigFile.preset("demo").with(overrides).resolve();
        config.step();
        config.batches();

        String at = path.equals("optim.betas") ? path + "[0]" : path;
        assertThatThrownBy(() -> ConfigFile.preset("demo")
                        .with(List.of(override(entry, number(beyond, whole))))
                        .resolve())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(at + " must be " + ConfigKeys.range(entry.key()) + ", was " + number(beyond, whole));
    }

    private static String number(double value, boolean whole) {
        return whole ? Long.toString((long) value) : Double.toString(value);
    }

    private static String override(ConfigKeys.KeyEntry entry, String value) {
        return switch (entry.path()) {
            case "optim.betas" -> "optim.betas=[" + value + ", 0.5]";
            case "data.image_size" -> "data.image_size=[" + value + ", 16]";
            case "evals[].every" -> "evals=[{every: " + value + ", weights: teacher, probe: knn, train: a, test: b}]";
            default -> entry.path() + "=" + value;
        };
    }

    @ParameterizedTest
    @FieldSource("PRESETS")
    void aPresetWithCommentsIsTheSameConfiguration(String preset) {
        var config = ConfigFile.preset(preset)
                .with(List.of("evals=[{every: 5, weights: teacher, probe: knn, train: 'a b:c', test: '12'}]"))
                .resolve();
        List<String> lines = ConfigReference.annotated(config, "Preset " + preset);

        assertThat(ConfigFile.parse(String.join("\n", lines), preset).resolve()).isEqualTo(config);
        for (int i = 0; i < lines.size(); i++) {
            assertThat(lines.get(i).length()).isLessThanOrEqualTo(120);
            if (!lines.get(i).matches(" *#.*|")) {
                assertThat(lines.get(i - 1)).as("before " + lines.get(i)).contains("#");
            }
        }
        assertThat(lines).contains("  # Number, greater than 0. Paper: 0.12.");
    }

    @Test
    void aKeyIsExplainedByItsPathByItsNameAndByAnotherName() {
        List<String> lines = ConfigReference.of("optim.batch_size", null);

        assertThat(lines)
                .containsExactly(
                        "optim.batch_size",
                        "  Number of images in one step. Larger batches give steadier clusters and need more memory.",
                        "  values:  whole number, at least 1",
                        "  paper:   16384, which is 512 on each of 32 GPUs; its presets here have 512, for one GPU",
                        "  presets: 64 (demo, imagenette), 512 (vits14, vitb14, vitl14, vitl16)");
        assertThat(ConfigReference.of("batch_size", null)).isEqualTo(lines);
        assertThat(ConfigReference.of("bs", null))
                .startsWith("bs is optim.batch_size here.", "")
                .containsAll(lines);
        assertThat(ConfigReference.of("epochs", null))
                .startsWith("epochs is optim.total_steps: steps = epochs x images / optim.batch_size");
        assertThat(ConfigReference.of("evals.probe", null)).startsWith("evals[].probe");
    }

    @Test
    void aSectionIsExplainedKeyByKeyWithTheValuesOfAConfiguration() {
        var config =
                ConfigFile.preset("demo").with(List.of("checkpoint.every=8")).resolve();

        assertThat(ConfigReference.of("checkpoint", config))
                .startsWith("checkpoint: When the run is saved, and which checkpoints are kept.", "")
                .contains("checkpoint.every", "  here:    8", "checkpoint.max_to_keep", "checkpoint.keep_every");
        assertThat(ConfigReference.of("evals", config))
                .contains("evals[].every")
                .doesNotContain("seed");
    }

    @Test
    void presetsAreListedWithWhatTheyAre() {
        assertThat(ConfigReference.presets())
                .contains("vits14      ViT-S/14 at 224 pixels, for a GPU: the model M8c4d of the paper's Table 8.")
                .contains("A7cc0       vitl16 with data.roll=false");
    }
}

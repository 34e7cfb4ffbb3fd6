package org.capi.train.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.capi.graph.pretrain.ExecutionPlan.Recompute;
import org.capi.train.config.PretrainConfig.ComputeType;
import org.capi.train.config.PretrainConfig.DeviceChoice;
import org.capi.train.config.PretrainConfig.EvaluatedWeights;
import org.capi.train.config.PretrainConfig.Evaluation;
import org.capi.train.config.PretrainConfig.EvaluationKind;
import org.capi.train.config.PretrainConfig.ImageSize;
import org.capi.train.config.PretrainConfig.MaskKind;
import org.capi.train.config.PretrainConfig.Xla;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;

class ConfigFileTest {

    static final List<String> PRESETS = ConfigFile.presets();

    @TempDir
    Path folder;

    @ParameterizedTest
    @FieldSource("PRESETS")
    void aPresetIsReadBackAsItWasWritten(String preset) throws IOException {
        var config = ConfigFile.preset(preset).resolve();
        var file = Files.writeString(folder.resolve("config.yaml"), config.toYaml());

        assertThat(ConfigFile.read(file).resolve()).isEqualTo(config);
        assertThat(ConfigFile.read(file).resolve().toYaml()).isEqualTo(config.toYaml());
    }

    @ParameterizedTest
    @CsvSource({"true, AUTO", "false, OFF", "step, STEP", "auto, AUTO", "off, OFF"})
    void xlaIsAWordOrTheTruthValueThatItOnceWas(String written, Xla meant) {
        var config = ConfigFile.preset("demo")
                .with(List.of("compute.xla=" + written))
                .resolve();
        assertThat(config.compute().xla()).isEqualTo(meant);
        assertThat(ConfigFile.parse(config.toYaml(), "written").resolve()).isEqualTo(config);
    }

    @ParameterizedTest
    @CsvSource({"true, BLOCKS", "false, OFF", "gelu, GELU", "blocks, BLOCKS", "off, OFF"})
    void recomputationIsAWordOrTheTruthValueThatItOnceWas(String written, Recompute meant) {
        var config = ConfigFile.preset("demo")
                .with(List.of("compute.recompute=" + written))
                .resolve();
        assertThat(config.compute().recompute()).isEqualTo(meant);
        assertThat(ConfigFile.parse(config.toYaml(), "written").resolve()).isEqualTo(config);
    }

    @Test
    void theLargePresetHoldsThePaperRow() {
        var config = ConfigFile.preset("vitl14").resolve();

        assertThat(config.model().dim()).isEqualTo(1024);
        assertThat(config.model().headDim()).isEqualTo(64);
        assertThat(config.model().predictorHeads()).isEqualTo(16);
        assertThat(config.optim().learningRate()).isEqualTo(1e-3);
        assertThat(config.optim().clusteringLearningRate()).isEqualTo(5e-4);
        assertThat(config.optim().epsilon()).isEqualTo(1e-8);
        assertThat(config.capi().prototypes()).isEqualTo(16384);
        assertThat(config.data().mask()).isEqualTo(MaskKind.INVERSE_BLOCK);
        assertThat(config.compute().type()).isEqualTo(ComputeType.BFLOAT16);
        assertThat(config.patches()).isEqualTo(256);
        assertThat(config.data().masked(256)).isEqualTo(166);
        assertThat(config.data().predicted(256)).isEqualTo(8);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "optim.learning_rate=2e-3 | 0.002",
                "optim.learning_rate=2.5e-3 | 0.0025",
                "optim.learning_rate=1 | 1.0",
                "optim.learning_rate= .5 | 0.5"
            })
    void anOverrideReadsNumbersAsPeopleWriteThem(String override, double value) {
        assertThat(demo(override).optim().learningRate()).isEqualTo(value);
    }

    @ParameterizedTest
    @CsvSource({"1e1, 10", "2.5e2, 250", "1_000, 1000", "+12, 12"})
    void aWholeNumberMayBeWrittenInAnyWayThatIsExact(String text, int value) {
        assertThat(demo("optim.total_steps=" + text, "optim.warmup_steps=0")
                        .optim()
                        .totalSteps())
                .isEqualTo(value);
        assertThat(demo("seed=" + text).seed()).isEqualTo(value);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "seed: 1\\nmodel:\\n\\tdim: 4 | , line 3, column 1: found character '\\t(TAB)' that cannot start any token. (Do not use \\t(TAB) for indentation)",
                "seed: 1\\nmodel: [1,\\n  2\\n | , line 4, column 1: expected ',' or ']', but got <stream end>",
                "seed: 'x | , line 1, column 9: found unexpected end of stream",
            })
    void aFaultOfSyntaxIsNamedWithItsPlace(String text, String message) throws IOException {
        var file = write(text.replace("\\n", "\n").replace("\\t", "\t"));
        assertThatThrownBy(() -> ConfigFile.read(file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(file + message.replace("'\\t(", "'\\t("));
    }

    @Test
    void anOverrideReplacesOneValueAndNothingElse() {
        var plain = ConfigFile.preset("demo").resolve();
        var changed = demo("data.image_size=[64, 128]", "data.flip=false", "seed=7", "compute.device=cpu");

        assertThat(changed.data().imageSize()).isEqualTo(new ImageSize(64, 128));
        assertThat(changed.data().flip()).isFalse();
        assertThat(changed.seed()).isEqualTo(7);
        assertThat(changed.compute().device()).isEqualTo(DeviceChoice.CPU);
        assertThat(changed.model()).isEqualTo(plain.model());
        assertThat(changed.optim()).isEqualTo(plain.optim());
    }

    @Test
    void aListOfEvaluationsIsReadBackAsItWasWritten() throws IOException {
        var config = demo("evals=[{every: 100, weights: teacher, probe: knn, train: 'a:train', test: 'yes'}]");
        var file = Files.writeString(folder.resolve("config.yaml"), config.toYaml());

        assertThat(config.evals())
                .containsExactly(new Evaluation(100, EvaluatedWeights.TEACHER, EvaluationKind.KNN, "a:train", "yes"));
        assertThat(ConfigFile.read(file).resolve()).isEqualTo(config);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "optim.lerning_rate=1 | unknown key optim.lerning_rate; did you mean optim.learning_rate?",
                "optin.learning_rate=1 | unknown key optin.learning_rate; did you mean optim.learning_rate?",
                "lr=1 | unknown key lr; did you mean optim.learning_rate?",
                "train.steps=1 | unknown key train.steps; did you mean optim.total_steps?",
                "epochs=1 | unknown key epochs; did you mean optim.total_steps? steps = epochs x images / optim.batch_size",
                "batch=1 | unknown key batch; did you mean optim.batch_size?",
                "batch_size=1 | unknown key batch_size; did you mean optim.batch_size?",
                "bach_size=1 | unknown key bach_size; did you mean optim.batch_size?",
                "optim.batchSize=1 | unknown key optim.batchSize; did you mean optim.batch_size?",
                "model.batch_size=1 | unknown key model.batch_size; did you mean optim.batch_size?",
                "model.head=1 | unknown key model.head; did you mean model.heads?",
                "image_size=1 | unknown key image_size; did you mean data.image_size?",
                "bf16=true | unknown key bf16; did you mean compute.type=bfloat16?",
                "precision=bf16 | unknown key precision; did you mean compute.type?",
                "workers=1 | unknown key workers; did you mean data.threads?",
                "crop=1 | unknown key crop; did you mean data.crop_scale?",
                "ema=1 | unknown key ema; did you mean optim.momentum?",
                "weight_decay=1 | unknown key weight_decay; did you mean optim.weight_decay?",
                "warmup=1 | unknown key warmup; did you mean optim.warmup_steps?",
                "k=1 | unknown key k; did you mean capi.prototypes?",
                "temperature=1 | unknown key temperature; did you mean capi.student_temperature?",
                "logging.every=1 | unknown key logging.every; did you mean metrics.every?",
                "every=1 | unknown key every; did you mean checkpoint.every or metrics.every or evals[].every?",
                "evals.every=1 | unknown key evals.every; evals has no keys of its own, give evals=[{every: ..., ...}]",
                "checkpoint.foo=1 | unknown key checkpoint.foo; known in checkpoint: every, minutes, max_to_keep, keep_every",
                "lr | an override is section.key=value, was lr; did you mean optim.learning_rate=N?",
                "compute.device=cuda | compute.device must be one of auto, cpu, gpu, was \"cuda\"; did you mean gpu?",
                "compute.type=bf16 | compute.type must be one of float32, bfloat16, was \"bf16\"; did you mean bfloat16?",
                "zzzzzzzz=1 | unknown key zzzzzzzz; known here: model, capi, optim, data, compute, checkpoint, metrics, evals, seed",
                "model=3 | model is a section; give one of its keys, such as model.patch_size=...",
                "seed.x=3 | unknown key seed.x; seed has no keys of its own, give seed=...",
                "demo | an override is section.key=value, was demo",
                "optim.total_steps=\"12\" | optim.total_steps must be a whole number, was \"12\"",
                "optim.total_steps=3.7 | optim.total_steps must be a whole number, was 3.7",
                "optim.total_steps=3000000000 | optim.total_steps must be a whole number, was 3000000000",
                "optim.total_steps= | optim.total_steps must be a whole number, was empty",
                "optim.learning_rate=fast | optim.learning_rate must be a number, was \"fast\"",
                "optim.learning_rate=.nan | optim.learning_rate: Malformed numeric value '.nan'",
                "data.flip=yes | data.flip must be true or false, was \"yes\"",
                "data.flip=1 | data.flip must be true or false, was 1",
                "data.mask=inverse_blok | data.mask must be one of uniform, block, inverse_block, was \"inverse_blok\"; did you mean inverse_block?",
                "data.crop_scale=0.5 | data.crop_scale must be a list, was 0.5",
                "data.crop_scale=[0.5, big] | data.crop_scale[1] must be a number, was \"big\"",
                "data.image_size=big | data.image_size must be a whole number of pixels, or [height, width], was \"big\"",
                "optim.total_steps=010 | optim.total_steps: a number must not begin with 0, was 010, which YAML may read as octal",
                "optim.total_steps=-0_7 | optim.total_steps: a number must not begin with 0, was -0_7, which YAML may read as octal",
                "data.image_size=[0224, 224] | data.image_size: a number must not begin with 0, was 0224, which YAML may read as octal",
                "optim.total_steps=1.5e0 | optim.total_steps must be a whole number, was 1.5",
                "optim.total_steps=1e10 | optim.total_steps must be a whole number, was 1.0E10",
                "evals=[{every: 5}] | missing key evals[0].weights: a configuration gives every key",
                "evals=[{evry: 5}] | unknown key evals[0].evry; did you mean evals[0].every?",
            })
    void aFaultyOverrideIsNamedInOneLine(String override, String message) {
        assertThatThrownBy(() -> demo(override))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @Test
    void aMissingKeyIsNamed() throws IOException {
        var file = write(ConfigFile.preset("demo").resolve().toYaml().replaceFirst("  batch_size: \\d+\n", ""));

        assertThatThrownBy(() -> ConfigFile.read(file).resolve())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("missing key optim.batch_size: a configuration gives every key");
    }

    @Test
    void anUnknownKeyOfAFileIsNamedWithTheNearestOne() throws IOException {
        var file = write(ConfigFile.preset("demo").resolve().toYaml().replace("image_size:", "imagesize:"));

        assertThatThrownBy(() -> ConfigFile.read(file).resolve())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("unknown key data.imagesize; did you mean data.image_size?");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "batch_size | batchsize | unknown key optim.batchsize; did you mean optim.batch_size?",
                "learning_rate | lr | unknown key optim.lr; did you mean optim.learning_rate?",
                "optim | training | unknown key training.total_steps; did you mean optim.total_steps?",
                "seed | random_seed | unknown key random_seed; did you mean seed?",
            })
    void aKeyOfAFileThatHasAnotherNameElsewhereIsNamed(String key, String written, String message) throws IOException {
        var yaml = ConfigFile.preset("demo")
                .resolve()
                .toYaml()
                .replaceFirst("(?m)^( *)" + key + ":", "$1" + written + ":");
        var file = write(yaml);

        assertThatThrownBy(() -> ConfigFile.read(file).resolve())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @Test
    void aKeyGivenTwiceIsNamedWithItsLine() throws IOException {
        var file = write("seed: 1\nseed: 2\n");

        assertThatThrownBy(() -> ConfigFile.read(file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(file + ", line 2")
                .hasMessageContaining("seed")
                .hasMessageNotContaining("\n");
    }

    @Test
    void textThatIsNoYamlIsRefusedInOneLine() throws IOException {
        var file = write("model: [1,\n  seed: }");

        assertThatThrownBy(() -> ConfigFile.read(file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(file + ", line 2")
                .hasMessageNotContaining("\n");
    }

    @Test
    void anEmptyFileAndAMissingFileAreRefused() throws IOException {
        var empty = write("");
        var missing = folder.resolve("missing.yaml");

        assertThatThrownBy(() -> ConfigFile.read(empty)).hasMessage(empty + " is no configuration: it has no keys");
        assertThatThrownBy(() -> ConfigFile.read(missing)).hasMessage("no such configuration file: " + missing);
    }

    @Test
    void aSectionThatIsNoMappingIsRefused() throws IOException {
        var file = write("seed: 1\nmodel: 3\n");

        assertThatThrownBy(() -> ConfigFile.read(file).resolve())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("model must be a mapping of keys to values, was 3");
    }

    @Test
    void anUnknownPresetNamesTheNearestOne() {
        assertThatThrownBy(() -> ConfigFile.preset("vit-l14"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("unknown preset vit-l14; did you mean vitl14?");
    }

    @Test
    void aResumedRunMayNotChangeWhatItComputes() {
        var demo = ConfigFile.preset("demo");

        assertThat(demo.withResumed(List.of("data.threads=3", "checkpoint.every=5", "evals=[]"))
                        .resolve()
                        .data()
                        .threads())
                .isEqualTo(3);
        assertThatThrownBy(() -> demo.withResumed(List.of("optim.learning_rate=1")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageEndingWith("was optim.learning_rate=1");
    }

    private Path write(String yaml) throws IOException {
        return Files.writeString(folder.resolve("own.yaml"), yaml);
    }

    private static PretrainConfig demo(String... overrides) {
        return ConfigFile.preset("demo").with(List.of(overrides)).resolve();
    }
}

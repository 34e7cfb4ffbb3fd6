package org.capi.savedmodels.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.capi.graph.vit.Registers;
import org.capi.graph.vit.VitConfig;
import org.capi.savedmodels.weights.BackboneWeights.BackboneInFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Files that PyTorch and safetensors wrote: the weights of {@code tiny.pth} in other wrappings, and what is refused.
 */
class WeightCasesTest {

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "none",
            value = {
                "tiny.pth            | none                             | none",
                "ddp.pth             | module.backbone.*                | none",
                "compile.pth         | _orig_mod.backbone.*             | none",
                "bare.pth            | *                                | none",
                "wrap_model.pth      | model.backbone.*                 | none",
                "lightning.ckpt      | state_dict.model.backbone.*      | epoch",
                "extra_bigint.pth    | none                             | extra",
                "extra_complex.pth   | none                             | extra",
                "extra_counter.pth   | none                             | extra",
                "extra_device.pth    | none                             | extra",
                "extra_f8.pth        | none                             | extra",
                "extra_set.pth       | none                             | extra",
                "extra_tuplekey.pth  | none                             | extra",
                "extra_uint16.pth    | none                             | extra"
            })
    void theSameWeightsAreFoundInEveryWrapping(String name, String place, String ignored) throws IOException {
        try (WeightFile file = WeightFile.open(copy(name))) {
            BackboneInFile found = BackboneInFile.find(file);
            assertThat(values(found.tensors())).isEqualTo(tiny());
            assertThat(found.notes())
                    .isEqualTo(place == null ? List.of() : List.of("the backbone's weights are those named " + place));
            assertThat(found.ignored()).isEqualTo(ignored == null ? List.of() : List.of(ignored));
        }
    }

    @Test
    void theModelOfAWrappedFileIsThatOfThePublishedForm() throws IOException {
        Path[] exported = new Path[2];
        String[] names = {"tiny.pth", "lightning.ckpt"};
        for (int i = 0; i < names.length; i++) {
            Path model = folder.resolve("model" + i);
            var imported = WeightImport.run(copy(names[i]), model, WeightImport.Wanted.ANY);
            assertThat(imported.notes()).hasSize(i);
            exported[i] = folder.resolve("out" + i + ".safetensors");
            WeightExport.fromModel(model, exported[i]);
        }
        assertThat(exported[1]).hasSameBinaryContentAs(exported[0]);
    }

    @Test
    void tensorsOfATypeThatNoWeightHasAreLeftOut() throws IOException {
        try (WeightFile file = WeightFile.open(copy("u32head.safetensors"))) {
            BackboneInFile found = BackboneInFile.find(file);
            assertThat(values(found.tensors()).keySet()).isEqualTo(tiny().keySet());
            assertThat(found.ignored()).containsExactly("head.ids");
        }
    }

    @Test
    void aTensorThatRepeatsItsNumbersIsRead() throws IOException {
        try (WeightFile file = WeightFile.open(copy("expanded.pth"))) {
            assertThat(values(BackboneInFile.find(file).tensors())).isEqualTo(tiny());
        }
    }

    @ParameterizedTest
    @CsvSource({"model.safetensors.index.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"})
    void theIndexAndEachShardStandForAllShards(String name) throws IOException {
        copy("model.safetensors.index.json");
        copy("model-00001-of-00002.safetensors");
        copy("model-00002-of-00002.safetensors");
        try (WeightFile file = WeightFile.open(folder.resolve(name))) {
            assertThat(values(BackboneInFile.find(file).tensors())).isEqualTo(tiny());
        }
    }

    @Test
    void aShardThatIsNotThereIsNamed() throws IOException {
        copy("model.safetensors.index.json");
        Path first = copy("model-00001-of-00002.safetensors");
        for (Path given : List.of(first, folder.resolve("model.safetensors.index.json"))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> WeightFile.open(given))
                    .withMessage("cannot read weights from " + given + ": its shard model-00002-of-00002.safetensors is"
                            + " not in the same folder; every shard is needed");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"weight_map\":{\"a\":\"../x.safetensors\"}}   | names the shard \"../x.safetensors\", which is not"
                        + " a file",
                "{\"weight_map\":{\"a\":\"/etc/passwd\"}}        | names the shard \"/etc/passwd\", which is not a file",
                "{\"weight_map\":{\"a\":\"..\"}}                 | names the shard \"..\", which is not a file",
                "{\"weight_map\":{\"a\":3}}                      | names the shard 3, which is not a file",
                "{\"weight_map\":{\"a\":\"b.index.json\"}}       | names another index, b.index.json",
                "{\"weight_map\":{}}                             | has no weight_map",
                "[]                                              | has no weight_map",
                "{                                               | is not JSON"
            })
    void anIndexThatNamesNoFileOfItsFolderIsRefused(String json, String reason) throws IOException {
        Path index = Files.writeString(folder.resolve("model.safetensors.index.json"), json);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> WeightFile.open(index))
                .withMessageStartingWith("cannot read weights from " + index + ": its index " + reason);
    }

    @Test
    void theAverageInATrainingCheckpointIsTaken() throws IOException {
        Path model = folder.resolve("model");
        var imported = WeightImport.run(copy("tc_2_2.pth"), model, WeightImport.Wanted.ANY);
        assertThat(imported.notes())
                .containsExactly(
                        "the backbone is the moving average (student_ema) of a training checkpoint at iteration 9");
        assertThat(imported.model()).isEqualTo(new VitConfig(4, 8, 2, 2, 4, Registers.Coordinates.EDGE, true, 8, 2));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "lfs.pth             | it is a Git LFS pointer, not the file itself; fetch that with 'git lfs pull'",
                "page.pth            | it is a web page, not weights; download the file that the page links to",
                "torchscript.pt      | it is a TorchScript program (torch.jit.save), not a state dict",
                "fsdp2_dtensor.pth   | call full_tensor() of each value in Python and save a plain state dict",
                "legacy.pth          | before version 1.6; load it with torch.load and write it again with torch.save",
                "depth3k.safetensors | encoder.blocks are 3000; a model has at most 256",
                "pathbomb.pth        | characters; the longest that is read has 1024",
                "metabomb.safetensors| characters; the longest that is read has 1024",
                "esc.pth             | it asks for 'os\\u001b[2J\\u001b]0;pwned\\u0007.system', which no file of"
                        + " weights needs"
            })
    void whatIsNoWeightsIsRefusedInOneShortLineAndLeavesNothing(String name, String reason) throws IOException {
        Path file = copy(name);
        assertTimeoutPreemptively(
                Duration.ofSeconds(60),
                () -> assertThatIllegalArgumentException()
                        .isThrownBy(() -> WeightImport.run(file, folder.resolve("model"), WeightImport.Wanted.ANY))
                        .withMessageContaining(file.toString())
                        .withMessageContaining(reason)
                        .satisfies(e -> assertThat(e.getMessage())
                                .hasSizeLessThan(400 + file.toString().length())
                                .doesNotContainPattern("\\p{Cntrl}")));
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).containsExactly(file);
        }
    }

    private Map<String, List<Float>> tiny() throws IOException {
        try (WeightFile file = WeightFile.open(copy("tiny.pth"))) {
            return values(file.below(Backbone.PREFIX));
        }
    }

    private static Map<String, List<Float>> values(NamedTensors tensors) throws IOException {
        Map<String, List<Float>> values = new LinkedHashMap<>();
        for (String name : tensors.shapes().keySet()) {
            List<Float> numbers = new ArrayList<>();
            for (float number : tensors.floats(name)) {
                numbers.add(number);
            }
            values.put(name + " " + tensors.shapes().get(name), numbers);
        }
        return values;
    }

    private Path copy(String name) throws IOException {
        Path file = folder.resolve(name);
        if (!Files.exists(file)) {
            try (InputStream in = WeightCasesTest.class.getResourceAsStream(name)) {
                Files.copy(in, file);
            }
        }
        return file;
    }
}

package org.capi.savedmodels.weights;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.capi.fuzz.MutatedFiles;
import org.capi.savedmodels.weights.BackboneWeights.BackboneInFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Mutated files of weights are read, or refused by one line. */
@Tag("slow")
class WeightFuzzTest {

    private static final int COPIES = Integer.getInteger("capi.fuzz.factor", 1) * 300;
    private static final long MAX_BYTES = 64 << 20;

    @TempDir
    Path folder;

    /** What TensorFlow allocates once, when it is loaded, belongs to no copy. */
    @BeforeEach
    void loadTensorFlow() throws IOException {
        parse(resources("tiny.pth").get(0));
    }

    @Test
    void archivesOfPyTorch() throws IOException {
        MutatedFiles.parseAll(
                resources("tiny.pth", "lightning.ckpt", "torchscript.pt", "legacy.pth", "fsdp2_dtensor.pth"),
                Files.createDirectory(folder.resolve("copies")),
                COPIES,
                MAX_BYTES,
                WeightFuzzTest::parse);
    }

    /** The checksums of an archive refuse nearly every mutation, so that the pickle is mutated on its own. */
    @Test
    void picklesInWholeArchives() throws IOException {
        String[] names = {
            "tiny.pth",
            "expanded.pth",
            "tc_2_2.pth",
            "extra_counter.pth",
            "extra_f8.pth",
            "extra_set.pth",
            "extra_tuplekey.pth",
            "extra_complex.pth"
        };
        Map<String, Map<String, byte[]>> archives = new HashMap<>();
        List<Path> pickles = new ArrayList<>();
        for (Path file : resources(names)) {
            Map<String, byte[]> records = records(file);
            byte[] pickle = records.remove("a/data.pkl");
            archives.put(file.getFileName().toString(), records);
            pickles.add(Files.write(file, pickle));
        }
        Path archive = folder.resolve("archive.pth");
        MutatedFiles.parseAll(
                pickles, Files.createDirectory(folder.resolve("copies")), 5 * COPIES, MAX_BYTES, mutated -> {
                    String copied = mutated.getFileName().toString();
                    var zip = new TestZip().with("a/data.pkl", Files.readAllBytes(mutated));
                    Objects.requireNonNull(archives.get(copied.substring(copied.indexOf('-') + 1)))
                            .forEach(zip::with);
                    parse(zip.write(archive));
                });
    }

    @Test
    void safetensors() throws IOException {
        MutatedFiles.parseAll(
                resources("u32head.safetensors", "model-00001-of-00002.safetensors"),
                Files.createDirectory(folder.resolve("copies")),
                5 * COPIES,
                MAX_BYTES,
                mutated -> {
                    // Under a name that is not that of a shard.
                    Path file = folder.resolve("mutated.safetensors");
                    Files.write(file, Files.readAllBytes(mutated));
                    parse(file);
                });
    }

    @Test
    void indexesOfShards() throws IOException {
        resources("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors");
        MutatedFiles.parseAll(
                resources("model.safetensors.index.json"), folder, COPIES, MAX_BYTES, WeightFuzzTest::parse);
    }

    private static void parse(Path path) throws IOException {
        try (WeightFile file = WeightFile.open(path)) {
            for (String name : file.shapes().keySet()) {
                file.floats(name);
            }
            BackboneInFile.find(file).architecture(null);
        }
    }

    /** The records of an archive, in one folder a. */
    private static Map<String, byte[]> records(Path file) throws IOException {
        Map<String, byte[]> records = new LinkedHashMap<>();
        try (ZipFile zip = new ZipFile(file.toFile())) {
            for (ZipEntry entry : Collections.list(zip.entries())) {
                try (InputStream in = zip.getInputStream(entry)) {
                    records.put("a" + entry.getName().substring(entry.getName().indexOf('/')), in.readAllBytes());
                }
            }
        }
        return records;
    }

    private List<Path> resources(String... names) throws IOException {
        List<Path> files = new ArrayList<>();
        for (String name : names) {
            Path file = folder.resolve(name);
            if (!Files.exists(file)) {
                try (InputStream in = WeightFuzzTest.class.getResourceAsStream(name)) {
                    Files.copy(in, file);
                }
            }
            files.add(file);
        }
        return files;
    }
}

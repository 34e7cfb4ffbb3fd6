package org.capi.savedmodels;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.capi.fuzz.MutatedFiles;
import org.capi.graph.vit.Registers;
import org.capi.graph.vit.VitConfig;
import org.capi.savedmodels.toy.RandomModel;
import org.capi.savedmodels.toy.ToyEncoder;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
class SavedModelFuzzTest {

    private static final int COPIES = Integer.getInteger("capi.fuzz.copies", 300);
    private static final long MAX_BYTES = 64L << 20;

    @TempDir
    Path folder;

    @Test
    void aDamagedGraphIsLoadedOrRefused() throws IOException {
        Path model = folder.resolve("model");
        ToyEncoder.write(model, 10, "global", "registers", "feature_map");
        fuzz(model, "saved_model.pb", COPIES);
    }

    @Test
    void aDamagedGraphOfAnEncoderIsLoadedOrRefused() throws IOException {
        RandomModel.write(new VitConfig(4, 16, 1, 2, 4, Registers.Coordinates.EDGE, true, 16, 1), folder);
        fuzz(folder.resolve("model"), "saved_model.pb", COPIES / 10);
    }

    @Test
    void aDamagedIndexOfTheVariablesIsLoadedOrRefused() throws IOException {
        Path model = folder.resolve("model");
        ToyEncoder.write(model, 10, "global", "registers", "feature_map");
        fuzz(model, "variables/variables.index", COPIES);
    }

    private void fuzz(Path model, String name, int copies) throws IOException {
        Path original = Files.copy(model.resolve(name), folder.resolve("original"));
        MutatedFiles.parseAll(List.of(original), folder, copies, MAX_BYTES, mutated -> {
            Files.copy(mutated, model.resolve(name), StandardCopyOption.REPLACE_EXISTING);
            VisionEncoder.load(model).close();
        });
    }
}

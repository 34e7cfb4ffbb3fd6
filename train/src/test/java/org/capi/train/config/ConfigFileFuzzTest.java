package org.capi.train.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.capi.fuzz.MutatedFiles;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Mutated configurations are read or refused in one line. */
@Tag("slow")
class ConfigFileFuzzTest {

    private static final int COPIES = Integer.getInteger("capi.fuzz.copies", 1500);
    private static final long MAX_BYTES = 64L << 20;

    @TempDir
    private Path folder;

    @Test
    void aMutatedConfigurationIsReadOrRefused() throws IOException {
        List<Path> files = new ArrayList<>();
        for (String preset : List.of("demo", "vitl14", "Adcab")) {
            String yaml = ConfigFile.preset(preset).resolve().toYaml();
            files.add(Files.writeString(folder.resolve(preset + ".yaml"), yaml));
        }
        Path copies = Files.createDirectory(folder.resolve("copies"));
        MutatedFiles.parseAll(files, copies, COPIES, MAX_BYTES, file -> {
            ConfigFile.read(file).resolve();
            ConfigFile.ofRun(file).resolve().toYaml();
        });
    }
}

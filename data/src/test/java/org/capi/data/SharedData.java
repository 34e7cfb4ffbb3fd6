package org.capi.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The sets of images next to the checkout; tests that need one are skipped where it is missing. */
public final class SharedData {

    private SharedData() {}

    /** Unpacks an archive into a folder and gives the folder that was in it. */
    public static Path unpack(String name, Path into) throws IOException, InterruptedException {
        Path archive = Path.of(System.getProperty("capi.root", "."), "../shared/data", name + ".tar");
        assumeTrue(Files.exists(archive), () -> "skipped: there is no " + archive);
        Process tar = new ProcessBuilder("tar", "xf", archive.toAbsolutePath().toString(), "-C", into.toString())
                .inheritIO()
                .start();
        assertThat(tar.waitFor()).isZero();
        return into.resolve(name);
    }
}

package org.capi.data.source.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Archives written by the usual tools, tar and zip. */
final class TestArchives {

    private TestArchives() {}

    /** Packs a folder or file below another; the suffix of the archive's name says how. */
    static Path of(Path below, String name, Path archive) throws IOException, InterruptedException {
        List<String> command = archive.toString().endsWith(".zip")
                ? List.of("zip", "-q", "-r", "-y", archive.toString(), name)
                : List.of("tar", "--create", "--auto-compress", "--file", archive.toString(), name);
        Process process;
        try {
            process = new ProcessBuilder(command)
                    .directory(below.toFile())
                    .inheritIO()
                    .start();
        } catch (IOException e) {
            return abort("skipped: there is no program " + command.get(0) + " (" + e.getMessage() + ")");
        }
        assertThat(process.waitFor()).isZero();
        return archive;
    }
}

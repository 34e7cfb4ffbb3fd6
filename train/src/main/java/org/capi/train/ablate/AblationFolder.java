package org.capi.train.ablate;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.capi.data.files.FolderLock;
import org.capi.savedmodels.NewPath;
import org.capi.train.run.RunFolder;

/**
 * The folder of an ablation, held by one process at a time: the runs below {@code runs}, the output of their commands
 * below {@code logs}, why some failed below {@code failures}, and the tables.
 */
public final class AblationFolder implements AutoCloseable {

    /** Marks the folder as that of an ablation, too. */
    private static final String LOCK = "lock";

    private final Path path;
    private final FolderLock held;

    private AblationFolder(Path path, FolderLock held) {
        this.path = path;
        this.held = held;
    }

    /** Makes the folder if need be; one that another process works in, or that holds something else, is refused. */
    public static AblationFolder open(Path path) throws IOException {
        if (Files.exists(path) && !Files.isDirectory(path)) {
            throw new IllegalArgumentException("the folder " + path + " is a file; name a folder");
        }
        NewPath.refuseBelowFile(path);
        if (!Files.exists(path.resolve(LOCK)) && !RunFolder.entries(path).isEmpty()) {
            throw new IllegalArgumentException(
                    "the folder " + path + " holds files that are not those of an ablation; name a new folder");
        }
        Files.createDirectories(path);
        return new AblationFolder(path, FolderLock.take(path, LOCK, "the ablation " + path));
    }

    @Override
    public void close() throws IOException {
        held.close();
    }

    public Path path() {
        return path;
    }

    Path variantsFile() {
        return path.resolve("variants.json");
    }

    /** The configuration of a variant, with the seed 0. */
    static Path configFile(Path ablation, String slug) {
        return ablation.resolve("configs").resolve(slug + ".yaml");
    }

    /** Each run is in a folder of its own here. */
    static Path runs(Path ablation) {
        return ablation.resolve("runs");
    }

    public Path markdownFile() {
        return path.resolve("table.md");
    }

    public Path jsonFile() {
        return path.resolve("table.json");
    }

    public Path reportFile() {
        return path.resolve("report.html");
    }

    boolean started(String slug) throws IOException {
        String prefix = slug + "-seed-";
        for (Path run : RunFolder.entries(runs(path))) {
            String name = String.valueOf(run.getFileName());
            if (name.startsWith(prefix)
                    && name.substring(prefix.length()).matches("-?\\d+")
                    && AblationRun.newestStep(run) >= 0) {
                return true;
            }
        }
        return false;
    }
}

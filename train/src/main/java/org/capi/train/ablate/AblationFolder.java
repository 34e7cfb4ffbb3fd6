package org.capi.train.ablate;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.capi.data.files.FolderLock;
import org.capi.savedmodels.NewPath;

/**
 * The folder of an ablation, held by one process at a time: the runs below {@code runs}, what their commands said below
 * {@code logs}, why some failed below {@code failures}, and the tables.
 */
public final class AblationFolder implements AutoCloseable {

    /** Marks the folder as that of an ablation, too. */
    private static final String LOCK = "lock";

    static final JsonMapper JSON = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .enable(SerializationFeature.WRITE_ENUMS_USING_TO_STRING)
            .build();

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
        boolean ours = Files.exists(path.resolve(LOCK));
        if (!ours && Files.isDirectory(path) && !isEmpty(path)) {
            throw new IllegalArgumentException(
                    "the folder " + path + " holds something else than an ablation; name a new one");
        }
        Files.createDirectories(path);
        return new AblationFolder(path, FolderLock.take(path, LOCK, "the ablation " + path));
    }

    private static boolean isEmpty(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.findAny().isEmpty();
        }
    }

    /** Lets others work in it. */
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
    Path configFile(String slug) {
        return configFile(path, slug);
    }

    /** The same in the folder of an ablation that is not held. */
    static Path configFile(Path ablation, String slug) {
        return ablation.resolve("configs").resolve(slug + ".yaml");
    }

    /** Where the trainings of an ablation are, each in a folder of its own. */
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

    TrialFolder trial(Trial trial) {
        return new TrialFolder(path, trial);
    }

    /** Whether a training of the variant has a checkpoint. */
    boolean begun(String slug) throws IOException {
        Path runs = runs(path);
        if (!Files.isDirectory(runs)) {
            return false;
        }
        List<Path> own;
        try (Stream<Path> entries = Files.list(runs)) {
            own = entries.filter(run -> String.valueOf(run.getFileName()).startsWith(slug + "-seed-")
                            && String.valueOf(run.getFileName())
                                    .substring((slug + "-seed-").length())
                                    .matches("-?\\d+"))
                    .toList();
        }
        for (Path run : own) {
            if (TrialFolder.newestStep(run) >= 0) {
                return true;
            }
        }
        return false;
    }
}

package org.capi.data.arrow;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.capi.data.files.DurableFile;
import org.jspecify.annotations.Nullable;

/**
 * The name of a dataset: {@code DIR} or {@code DIR:SPLIT}.
 *
 * @param split the name of the split, or null for the default
 */
public record DatasetPath(Path folder, @Nullable String split) {

    /** The subfolder of a dataset in which an import works until it is complete. */
    public static final String PARTIAL = "import.partial";

    private static final String DEFAULT_SPLIT = "train";

    /** Reads {@code DIR[:SPLIT]}; a folder whose own name holds a colon is taken as it is. */
    public static DatasetPath parse(String text) {
        if (text.isBlank()) {
            throw new IllegalArgumentException("a dataset is named as DIR or DIR:SPLIT, got an empty text");
        }
        int colon = text.lastIndexOf(':');
        boolean hasSplit = colon > 0 && text.indexOf('/', colon) < 0 && !Files.isDirectory(Path.of(text));
        if (!hasSplit) {
            return new DatasetPath(Path.of(text), null);
        }
        if (colon == text.length() - 1) {
            throw new IllegalArgumentException("the split after the colon is empty: " + text);
        }
        return new DatasetPath(Path.of(text.substring(0, colon)), text.substring(colon + 1));
    }

    /** The same name with an absolute path. */
    public String absolute() {
        Path whole = folder.toAbsolutePath();
        // Where ".." follows a symbolic link, the text without them would name another folder.
        Path plain = folder.toString().contains("..") ? whole : whole.normalize();
        return split == null ? plain.toString() : plain + ":" + split;
    }

    /** The folder of the {@code dataset.json}, whether or not it exists. */
    public Path resolve() {
        if (split != null) {
            return folder.resolve(split);
        }
        return Files.exists(folder.resolve(DatasetInfo.FILE)) ? folder : folder.resolve(DEFAULT_SPLIT);
    }

    /** The folders of the named split or of all splits, sorted; also of one whose {@code dataset.json} was lost. */
    public List<Path> splits() throws IOException {
        if (split != null || Files.exists(folder.resolve(DatasetInfo.FILE)) || !Files.isDirectory(folder)) {
            return List.of(split == null ? folder : resolve());
        }
        try (Stream<Path> children = Files.list(folder)) {
            List<Path> splits = children.filter(DatasetPath::isSplit).sorted().toList();
            return splits.isEmpty() ? List.of(folder) : splits;
        }
    }

    private static boolean isSplit(Path folder) {
        return Files.exists(folder.resolve(DatasetInfo.FILE))
                || (Files.exists(folder.resolve(SplitWriter.shardName(0)))
                        && !folder.toString().endsWith(DurableFile.PARTIAL));
    }
}

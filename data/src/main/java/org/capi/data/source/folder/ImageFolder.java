package org.capi.data.source.folder;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.capi.data.source.Source;
import org.capi.data.source.SourceSplit;

/**
 * A folder of images: a folder for each class, nested as deep as one likes, or one flat folder without labels; children
 * that are named like splits are splits.
 */
public final class ImageFolder implements Source {

    private final Path from;
    private final List<ImageFolderSplit> parts;

    private ImageFolder(Path from, List<ImageFolderSplit> parts) {
        this.from = from;
        this.parts = List.copyOf(parts);
    }

    /** Looks through a folder whose children may be splits; without such children all of it is the split train. */
    public static ImageFolder open(Path from) throws IOException {
        FolderWalk.check(from);
        Map<String, Path> splits = FolderWalk.splits(from);
        if (splits.isEmpty()) {
            return open(from, "train");
        }
        List<ImageFolderSplit> parts = new ArrayList<>();
        for (var split : splits.entrySet()) {
            parts.add(ImageFolderSplit.of(split.getKey(), split.getValue()));
        }
        return new ImageFolder(from, parts);
    }

    /** Takes all of a folder as one split. */
    public static ImageFolder open(Path from, String split) throws IOException {
        FolderWalk.check(from);
        return new ImageFolder(from, List.of(ImageFolderSplit.of(split, from)));
    }

    @Override
    public String description() {
        return "imagefolder " + from.toAbsolutePath().normalize();
    }

    @Override
    public List<SourceSplit> splits() {
        return List.copyOf(parts);
    }

    @Override
    public List<String> classes() {
        var names = new TreeSet<String>();
        parts.forEach(part -> part.classFolders().forEach(folder -> names.add(FolderWalk.name(folder))));
        return List.copyOf(names);
    }
}

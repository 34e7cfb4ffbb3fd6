package org.capi.data.source.folder;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.capi.data.source.PassedOver;
import org.capi.data.source.Source;
import org.capi.data.source.SourceSplit;
import org.capi.data.source.SplitNames;

/**
 * A folder of images: a folder for each class, nested as deep as one likes, or one flat folder without labels; children
 * that are named like splits are splits, unless other children have images too, which is refused.
 */
public final class ImageFolder implements Source {

    private final Path from;
    private final List<ImageFolderSplit> parts;
    private final List<String> notes;

    private ImageFolder(Path from, List<ImageFolderSplit> parts, PassedOver passed) {
        this.from = from;
        this.parts = List.copyOf(parts);
        this.notes = passed.notes();
    }

    /** Looks through a folder whose children may be splits; without such children all of it is the split train. */
    public static ImageFolder open(Path from) throws IOException {
        FolderWalk.check(from);
        var passed = new PassedOver(from);
        Map<String, Path> splits = FolderWalk.onlySplits(from, passed);
        if (splits.isEmpty()) {
            return open(from, SplitNames.DEFAULT);
        }
        List<ImageFolderSplit> parts = new ArrayList<>();
        for (var split : splits.entrySet()) {
            parts.add(ImageFolderSplit.of(split.getKey(), split.getValue(), passed));
        }
        return new ImageFolder(from, parts, passed);
    }

    /** Takes all of a folder as one split. */
    public static ImageFolder open(Path from, String split) throws IOException {
        FolderWalk.check(from);
        var passed = new PassedOver(from);
        return new ImageFolder(from, List.of(ImageFolderSplit.of(split, from, passed)), passed);
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

    @Override
    public List<String> notes() {
        return notes;
    }
}

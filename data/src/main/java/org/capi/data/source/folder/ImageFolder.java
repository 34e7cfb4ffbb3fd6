package org.capi.data.source.folder;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import org.capi.data.source.Entry;
import org.capi.data.source.Entry.Label;
import org.capi.data.source.FileContent;
import org.capi.data.source.ImageNames;
import org.capi.data.source.SkippedFiles;
import org.capi.data.source.Source;
import org.capi.data.source.Source.EntryReader;
import org.capi.data.source.Source.Scanned;
import org.capi.data.source.Source.ScannedSplit;
import org.capi.data.source.Source.SourceSplit;
import org.capi.data.source.SplitNames;
import org.jspecify.annotations.Nullable;

/**
 * A folder of images: a folder for each class, nested to any depth, or one flat folder without labels; children
 * that are named like splits are splits, unless other children have images too, which is refused.
 */
public final class ImageFolder {

    private ImageFolder() {}

    /** Scans a folder whose children may be splits; without such children all of it is the split train. */
    public static Source open(Path from) throws IOException {
        FolderWalk.check(from);
        var skipped = new SkippedFiles(from);
        Map<String, Path> splits = FolderWalk.onlySplits(from, skipped);
        return splits.isEmpty() ? open(from, SplitNames.DEFAULT) : scan(from, splits, skipped);
    }

    /** Takes all of a folder as one split. */
    public static Source open(Path from, String split) throws IOException {
        FolderWalk.check(from);
        return scan(from, Map.of(split, from), new SkippedFiles(from));
    }

    private static Source scan(Path from, Map<String, Path> folders, SkippedFiles skipped) throws IOException {
        List<SourceSplit> splits = new ArrayList<>();
        SortedSet<String> classes = new TreeSet<>();
        for (var split : folders.entrySet()) {
            splits.add(split(split.getKey(), split.getValue(), classes, skipped));
        }
        return Scanned.of("imagefolder", from, splits, classes, skipped.notes());
    }

    private static SourceSplit split(String split, Path folder, SortedSet<String> classes, SkippedFiles skipped)
            throws IOException {
        List<Path> classFolders = new ArrayList<>();
        long files = FolderWalk.files(folder, skipped).size();
        for (Path child : FolderWalk.folders(folder)) {
            long count = FolderWalk.count(folder, child, skipped);
            if (count > 0) {
                classFolders.add(child);
                classes.add(FolderWalk.name(child));
                files += count;
            }
        }
        if (files == 0) {
            throw new IllegalArgumentException(
                    "no image files in " + folder + " (JPEG, PNG, GIF, BMP, WebP and TIFF are read)");
        }
        return new ScannedSplit(split, files, () -> new ImageFolderReader(folder, classFolders));
    }

    /** Reads class after class, then the files next to the class folders; without any, the files have no label. */
    private static final class ImageFolderReader implements EntryReader {

        private final Path folder;
        private final boolean labelled;
        private final Iterator<Path> classFolders;
        private @Nullable FolderWalk walk;
        private Label label = Label.NONE;
        private @Nullable Iterator<Path> loose;

        ImageFolderReader(Path folder, List<Path> classFolders) {
            this.folder = folder;
            this.labelled = !classFolders.isEmpty();
            this.classFolders = classFolders.iterator();
        }

        @Override
        public @Nullable Entry next() throws IOException {
            while (loose == null) {
                Path file = walk == null ? null : walk.next();
                if (file != null) {
                    return Entry.of(ImageNames.relative(folder, file), new FileContent(file), label);
                }
                if (classFolders.hasNext()) {
                    Path child = classFolders.next();
                    walk = new FolderWalk(folder, child);
                    label = new Label.Named(FolderWalk.name(child));
                } else {
                    loose = FolderWalk.files(folder).iterator();
                }
            }
            if (!loose.hasNext()) {
                return null;
            }
            Path file = loose.next();
            String name = ImageNames.relative(folder, file);
            return labelled
                    ? Entry.broken(name, "is next to the class folders")
                    : Entry.of(name, new FileContent(file), Label.NONE);
        }
    }
}

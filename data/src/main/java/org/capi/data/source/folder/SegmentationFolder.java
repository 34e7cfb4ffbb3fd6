package org.capi.data.source.folder;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.commons.io.function.IOSupplier;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.capi.data.source.Entry;
import org.capi.data.source.Entry.Label;
import org.capi.data.source.FileContent;
import org.capi.data.source.ImageNames;
import org.capi.data.source.SkippedFiles;
import org.capi.data.source.SkippedFiles.Kind;
import org.capi.data.source.Source;
import org.capi.data.source.Source.EntryReader;
import org.capi.data.source.Source.Scanned;
import org.capi.data.source.Source.ScannedSplit;
import org.capi.data.source.Source.SourceSplit;
import org.capi.data.source.SplitNames;
import org.jspecify.annotations.Nullable;

/**
 * Images in one folder, and in another label maps of the same names: as ADE20K ({@code images/training},
 * {@code annotations/training}), as PASCAL VOC ({@code JPEGImages}, {@code SegmentationClass} and lists in
 * {@code ImageSets/Segmentation}), or with a pair of folders in each folder of a split.
 *
 * <p>A file {@code classes.tsv} (value, tab, name) or {@code classes.txt} (a name in each line) gives the classes. An
 * image without a label map counts as broken; a label map without an image is skipped.
 */
public final class SegmentationFolder {

    private static final Logger log = LogManager.getLogger(SegmentationFolder.class);

    private SegmentationFolder() {}

    /** Looks for a pair of folders and its splits; without any all images are the split train. */
    public static Source open(Path from) throws IOException {
        FolderWalk.check(from);
        PairedFolders pair = PairedFolders.in(from);
        var skipped = new SkippedFiles(from);
        List<SourceSplit> splits = new ArrayList<>();
        if (pair == null) {
            for (var split : FolderWalk.splits(from).entrySet()) {
                splits.add(all(split.getKey(), required(split.getValue()), skipped));
            }
            if (splits.isEmpty()) {
                throw none(from);
            }
            FolderWalk.files(from).forEach(file -> skipped.add(Kind.BESIDE_SPLITS, file));
            FolderWalk.others(from).forEach(folder -> skipped.add(Kind.OTHER_FOLDERS, folder));
            return source(from, splits, skipped);
        }
        Map<String, Path> lists = PairedFolders.lists(from);
        for (var list : lists.entrySet()) {
            splits.add(listed(list.getKey(), pair, list.getValue()));
        }
        if (splits.isEmpty()) {
            for (var split : pair.splits(skipped).entrySet()) {
                splits.add(all(split.getKey(), split.getValue(), skipped));
            }
        }
        if (splits.isEmpty()) {
            return open(from, SplitNames.DEFAULT);
        }
        pair.skipOthers(from, lists.values(), skipped);
        return source(from, splits, skipped);
    }

    /** Takes all images of a pair of folders as one split; where there are lists, those of the list of that name. */
    public static Source open(Path from, String split) throws IOException {
        FolderWalk.check(from);
        PairedFolders pair = required(from);
        Map<String, Path> lists = PairedFolders.lists(from);
        var skipped = new SkippedFiles(from);
        if (lists.isEmpty()) {
            pair.skipOthers(from, List.of(), skipped);
            return source(from, List.of(all(split, pair, skipped)), skipped);
        }
        Path list = lists.get(split);
        if (list == null) {
            throw new IllegalArgumentException(
                    from + " has lists of its splits, and of " + lists.keySet() + " none is the split " + split);
        }
        pair.skipOthers(from, List.of(list), skipped);
        return source(from, List.of(listed(split, pair, list)), skipped);
    }

    private static Source source(Path from, List<SourceSplit> splits, SkippedFiles skipped) throws IOException {
        return Scanned.of("segfolder", from, splits, ClassFile.in(from), skipped.notes());
    }

    private static PairedFolders required(Path folder) throws IOException {
        PairedFolders pair = PairedFolders.in(folder);
        if (pair == null) {
            throw none(folder);
        }
        return pair;
    }

    private static IllegalArgumentException none(Path folder) {
        return new IllegalArgumentException("no folders of images and of label maps in " + folder + ": one of "
                + PairedFolders.IMAGE_FOLDERS + " and one of " + PairedFolders.MAP_FOLDERS + " are looked for");
    }

    private static SourceSplit listed(String name, PairedFolders folders, Path list) throws IOException {
        long entries = folders.listed(list).size();
        if (entries == 0) {
            throw new IllegalArgumentException("the list " + list + " names no image");
        }
        return new ScannedSplit(name, entries, () -> {
            Iterator<Path> images = folders.listed(list).iterator();
            return new SegmentationReader(folders, () -> images.hasNext() ? images.next() : null);
        });
    }

    private static SourceSplit all(String name, PairedFolders folders, SkippedFiles skipped) throws IOException {
        long entries = 0;
        long pairs = 0;
        String other = null;
        FolderWalk walk = walk(folders);
        for (Path image = walk.next(); image != null; image = walk.next()) {
            entries++;
            if (Files.exists(folders.map(image))) {
                pairs++;
            } else if (pairs == 0 && other == null) {
                other = folders.otherMap(image);
            }
        }
        if (entries == 0) {
            throw new IllegalArgumentException("no image files in " + folders.images());
        }
        if (pairs == 0 && other != null) {
            throw new IllegalArgumentException("label maps must be PNG, found " + other);
        }
        if (pairs == 0) {
            throw new IllegalArgumentException("none of the " + entries + " images in " + folders.images()
                    + " has a label map of the same name in " + folders.maps());
        }
        FolderWalk.count(folders.maps(), folders.images(), skipped);
        long maps = FolderWalk.count(folders.images(), folders.maps(), skipped);
        if (maps > pairs) {
            log.warn("{} label maps in {} have no image and are skipped", maps - pairs, folders.maps());
        }
        return new ScannedSplit(name, entries, () -> new SegmentationReader(folders, walk(folders)::next));
    }

    private static FolderWalk walk(PairedFolders folders) throws IOException {
        Path parent = folders.images().toAbsolutePath().getParent();
        return new FolderWalk(parent == null ? folders.images() : parent, folders.images());
    }

    private record SegmentationReader(PairedFolders folders, IOSupplier<@Nullable Path> images) implements EntryReader {

        @Override
        public void skip(long entries) throws IOException {
            for (long i = 0; i < entries && images.get() != null; i++) {
                // Its label map is not looked for.
            }
        }

        @Override
        public @Nullable Entry next() throws IOException {
            Path image = images.get();
            if (image == null) {
                return null;
            }
            String name = ImageNames.relative(folders.images(), image);
            Path map = folders.map(image);
            if (Files.exists(map)) {
                return new Entry(name, new FileContent(image), Label.NONE, new FileContent(map));
            }
            String other = folders.otherMap(image);
            return Entry.broken(
                    name,
                    other == null ? "no label map: there is no " + map : "label maps must be PNG: found " + other);
        }
    }
}

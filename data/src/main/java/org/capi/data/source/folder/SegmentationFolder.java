package org.capi.data.source.folder;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.capi.data.source.PassedOver;
import org.capi.data.source.Source;
import org.capi.data.source.SourceSplit;
import org.capi.data.source.SplitNames;
import org.jspecify.annotations.Nullable;

/**
 * Images in one folder, and in another label maps of the same names: as ADE20K ({@code images/training},
 * {@code annotations/training}), as PASCAL VOC ({@code JPEGImages}, {@code SegmentationClass} and lists in
 * {@code ImageSets/Segmentation}), or with a pair of folders in each folder of a split.
 *
 * <p>A file {@code classes.tsv} (value, tab, name) or {@code classes.txt} (a name in each line) gives the classes. An
 * image without a label map is left out; a label map without an image is passed over.
 */
public final class SegmentationFolder implements Source {

    private final Path from;
    private final List<SegmentationSplit> parts;
    private final List<String> classes;
    private final List<String> notes;

    private SegmentationFolder(Path from, List<SegmentationSplit> parts, PassedOver passed) throws IOException {
        this.notes = passed.notes();
        this.from = from;
        this.parts = List.copyOf(parts);
        this.classes = ClassFile.in(from);
    }

    /** Looks for a pair of folders and its splits; without any all images are the split train. */
    public static SegmentationFolder open(Path from) throws IOException {
        PairedFolders pair = pair(from);
        var passed = new PassedOver(from);
        List<SegmentationSplit> parts = new ArrayList<>();
        if (pair == null) {
            for (var split : FolderWalk.splits(from).entrySet()) {
                parts.add(SegmentationSplit.all(split.getKey(), required(split.getValue()), passed));
            }
            if (parts.isEmpty()) {
                throw none(from);
            }
            FolderWalk.files(from).forEach(file -> passed.add(PassedOver.Kind.BESIDE_SPLITS, file));
            FolderWalk.others(from).forEach(folder -> passed.add(PassedOver.Kind.OTHER_FOLDERS, folder));
            return new SegmentationFolder(from, parts, passed);
        }
        Map<String, Path> lists = StemList.in(from);
        for (var list : lists.entrySet()) {
            parts.add(SegmentationSplit.listed(list.getKey(), pair, list.getValue()));
        }
        if (parts.isEmpty()) {
            for (var split : pair.splits(passed).entrySet()) {
                parts.add(SegmentationSplit.all(split.getKey(), split.getValue(), passed));
            }
        }
        if (parts.isEmpty()) {
            return open(from, SplitNames.DEFAULT);
        }
        pair.passOverRest(from, lists.values(), passed);
        return new SegmentationFolder(from, parts, passed);
    }

    /** Takes all images of a pair of folders as one split; where there are lists, those of the list of that name. */
    public static SegmentationFolder open(Path from, String split) throws IOException {
        PairedFolders pair = pair(from);
        if (pair == null) {
            throw none(from);
        }
        Map<String, Path> lists = StemList.in(from);
        var passed = new PassedOver(from);
        if (lists.isEmpty()) {
            pair.passOverRest(from, List.of(), passed);
            return new SegmentationFolder(from, List.of(SegmentationSplit.all(split, pair, passed)), passed);
        }
        Path list = lists.get(split);
        if (list == null) {
            throw new IllegalArgumentException(
                    from + " has lists of its splits, and of " + lists.keySet() + " none is the split " + split);
        }
        pair.passOverRest(from, List.of(list), passed);
        return new SegmentationFolder(from, List.of(SegmentationSplit.listed(split, pair, list)), passed);
    }

    @Override
    public String description() {
        return "segfolder " + from.toAbsolutePath().normalize();
    }

    @Override
    public List<SourceSplit> splits() {
        return List.copyOf(parts);
    }

    @Override
    public List<String> classes() {
        return classes;
    }

    @Override
    public List<String> notes() {
        return notes;
    }

    private static @Nullable PairedFolders pair(Path from) throws IOException {
        FolderWalk.check(from);
        return PairedFolders.in(from);
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
}

package org.capi.data.source.folder;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.capi.data.files.FileNames;
import org.capi.data.source.ImageNames;
import org.capi.data.source.SkippedFiles;
import org.capi.data.source.SkippedFiles.Kind;
import org.capi.data.source.SplitNames;
import org.jspecify.annotations.Nullable;

/** A folder of images, and the folder of their label maps, which has the same folders and names in it. */
record PairedFolders(Path images, Path maps) {

    static final List<String> IMAGE_FOLDERS = List.of("images", "image", "JPEGImages", "imgs", "img");
    static final List<String> MAP_FOLDERS =
            List.of("annotations", "annotation", "SegmentationClass", "masks", "mask", "labels", "label", "gt");
    private static final List<String> LISTED_SUFFIXES = List.of(".jpg", ".png", ".jpeg", ".JPG", ".PNG", ".JPEG");
    private static final String TRAINVAL = "trainval";

    /** The pair in a folder, by usual names; null where one of the two is missing. */
    static @Nullable PairedFolders in(Path folder) throws IOException {
        List<Path> children = FolderWalk.folders(folder);
        Path images = first(IMAGE_FOLDERS, children);
        Path maps = first(MAP_FOLDERS, children);
        return images == null || maps == null ? null : new PairedFolders(images, maps);
    }

    private static @Nullable Path first(List<String> names, List<Path> folders) {
        return names.stream()
                .flatMap(name -> folders.stream()
                        .filter(folder -> FolderWalk.name(folder).equalsIgnoreCase(name)))
                .findFirst()
                .orElse(null);
    }

    /** The pairs of the folders in this pair that are named like splits; empty where there are none. */
    Map<String, PairedFolders> splits(SkippedFiles skipped) throws IOException {
        Map<String, Path> ofImages = FolderWalk.onlySplits(images, skipped);
        Map<String, Path> ofMaps = FolderWalk.splits(maps);
        ofMaps.forEach((split, folder) -> {
            if (!ofImages.isEmpty() && !ofImages.containsKey(split)) {
                skipped.add(Kind.OTHER_FOLDERS, folder);
            }
        });
        Map<String, PairedFolders> splits = new TreeMap<>();
        ofImages.forEach((split, folder) -> {
            Path missing = maps.resolve(FolderWalk.name(folder));
            splits.put(split, new PairedFolders(folder, ofMaps.getOrDefault(split, missing)));
        });
        return splits;
    }

    /**
     * The lists of a collection by the names of their splits, as PASCAL VOC writes them: files that name an image
     * without its suffix in each line; trainval only where neither train nor val is there.
     */
    static Map<String, Path> lists(Path folder) throws IOException {
        Path sets = folder.resolve("ImageSets").resolve("Segmentation");
        Map<String, Path> lists = new TreeMap<>();
        if (!Files.isDirectory(sets)) {
            return lists;
        }
        List<Path> files;
        try (Stream<Path> listed = Files.list(sets)) {
            files = listed.sorted().toList();
        }
        for (Path list : files) {
            String name = FolderWalk.name(list);
            String stem = name.endsWith(".txt") ? name.substring(0, name.length() - ".txt".length()) : "";
            String split = stem.equals(TRAINVAL) ? TRAINVAL : SplitNames.of(stem);
            Path other = split == null ? null : lists.put(split, list);
            if (other != null) {
                throw new IllegalArgumentException(other + " and " + list + " would both be the split " + split);
            }
        }
        if (lists.containsKey("train") || lists.containsKey("val")) {
            lists.remove(TRAINVAL);
        }
        return lists;
    }

    /** The images that a list names, those that are missing too. */
    List<Path> listed(Path list) throws IOException {
        return Files.readAllLines(list).stream()
                .filter(line -> !line.isBlank())
                .map(line -> image(line.strip()))
                .toList();
    }

    private Path image(String stem) {
        return LISTED_SUFFIXES.stream()
                .map(suffix -> images.resolve(stem + suffix))
                .filter(Files::exists)
                .findFirst()
                .orElse(images.resolve(stem + LISTED_SUFFIXES.get(0)));
    }

    /** Counts the images in a collection's folder that are of no split, by the lists of the splits if there are any. */
    void skipOthers(Path from, Collection<Path> lists, SkippedFiles skipped) throws IOException {
        FolderWalk.files(from).forEach(file -> skipped.add(Kind.BESIDE_PAIR, file));
        for (Path folder : FolderWalk.folders(from)) {
            if (!folder.equals(images) && !folder.equals(maps) && FolderWalk.hasImages(from, folder)) {
                skipped.add(Kind.OTHER_FOLDERS, folder);
            }
        }
        if (lists.isEmpty()) {
            return;
        }
        Set<Path> listed = new HashSet<>();
        for (Path list : lists) {
            listed.addAll(listed(list));
        }
        var walk = new FolderWalk(from, images);
        for (Path image = walk.next(); image != null; image = walk.next()) {
            if (!listed.contains(image)) {
                skipped.add(Kind.UNLISTED, image);
            }
        }
    }

    /** The label map of an image, whether it exists or not. */
    Path map(Path image) {
        String stem = stem(image);
        try {
            Path map = maps.resolve(stem + ".png");
            Path capitals = maps.resolve(stem + ".PNG");
            return !Files.exists(map) && Files.exists(capitals) ? capitals : map;
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException(
                    "the label map of " + ImageNames.relative(images, image) + " cannot be looked for"
                            + FileNames.localeHint(stem),
                    e);
        }
    }

    /** The file in place of a missing label map that is no PNG, as a path from the folder of the maps on; or null. */
    @Nullable
    String otherMap(Path image) {
        for (String suffix : new TreeSet<>(ImageNames.SUFFIXES)) {
            for (String spelled : List.of(suffix, suffix.toUpperCase(Locale.ROOT))) {
                Path other = maps.resolve(stem(image) + "." + spelled);
                if (Files.exists(other)) {
                    return FolderWalk.name(maps) + "/" + FileNames.text(maps.relativize(other));
                }
            }
        }
        return null;
    }

    private String stem(Path image) {
        String path = images.relativize(image).toString();
        return path.substring(0, path.lastIndexOf('.'));
    }
}

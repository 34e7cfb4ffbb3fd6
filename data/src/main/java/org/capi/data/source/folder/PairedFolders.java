package org.capi.data.source.folder;

import java.io.File;
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
import org.capi.data.files.FileNames;
import org.capi.data.source.ImageNames;
import org.capi.data.source.PassedOver;
import org.jspecify.annotations.Nullable;

/** A folder of images, and the folder of their label maps, which has the same folders and names in it. */
record PairedFolders(Path images, Path maps) {

    static final List<String> IMAGE_FOLDERS = List.of("images", "image", "JPEGImages", "imgs", "img");
    static final List<String> MAP_FOLDERS =
            List.of("annotations", "annotation", "SegmentationClass", "masks", "mask", "labels", "label", "gt");

    /** The pair in a folder, by names that are usual; null where one of the two is missing. */
    static @Nullable PairedFolders in(Path folder) throws IOException {
        List<Path> children = FolderWalk.folders(folder);
        Path images = first(IMAGE_FOLDERS, children);
        Path maps = first(MAP_FOLDERS, children);
        return images == null || maps == null ? null : new PairedFolders(images, maps);
    }

    /** The pairs of the folders in this pair that are named like splits; empty where there are none. */
    Map<String, PairedFolders> splits(PassedOver passed) throws IOException {
        Map<String, Path> ofImages = FolderWalk.onlySplits(images, passed);
        Map<String, Path> ofMaps = FolderWalk.splits(maps);
        ofMaps.forEach((split, folder) -> {
            if (!ofImages.isEmpty() && !ofImages.containsKey(split)) {
                passed.add(PassedOver.Kind.OTHER_FOLDERS, folder);
            }
        });
        Map<String, PairedFolders> splits = new TreeMap<>();
        ofImages.forEach((split, folder) ->
                splits.put(split, new PairedFolders(folder, ofMaps.getOrDefault(split, missing(folder)))));
        return splits;
    }

    /** Counts the images in a collection's folder that are of no split, by the lists of the splits if there are any. */
    void passOverRest(Path from, Collection<Path> lists, PassedOver passed) throws IOException {
        for (Path file : FolderWalk.files(from)) {
            passed.add(PassedOver.Kind.BESIDE_PAIR, file);
        }
        for (Path folder : FolderWalk.folders(from)) {
            boolean used = folder.equals(images) || folder.equals(maps);
            if (!used && new FolderWalk(from, folder).next() != null) {
                passed.add(PassedOver.Kind.OTHER_FOLDERS, folder);
            }
        }
        if (lists.isEmpty()) {
            return;
        }
        Set<Path> listed = new HashSet<>();
        for (Path list : lists) {
            try (var stems = new StemList(list)) {
                for (String stem = stems.next(); stem != null; stem = stems.next()) {
                    listed.add(StemList.image(images, stem));
                }
            }
        }
        var walk = new FolderWalk(from, images);
        for (Path image = walk.next(); image != null; image = walk.next()) {
            if (!listed.contains(image)) {
                passed.add(PassedOver.Kind.UNLISTED, image);
            }
        }
    }

    /** The label map of an image, whether it is there or not. */
    Path map(Path image) {
        String stem = stem(image);
        try {
            Path map = maps.resolve(stem + ".png");
            return Files.exists(map) ? map : capitals(stem, map);
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException(
                    "the label map of " + name(image) + " cannot be looked for" + FileNames.localeHint(stem), e);
        }
    }

    /** What lies in the place of a missing label map but is no PNG, as a path from the folder of the maps on; or null. */
    @Nullable
    String otherMap(Path image) {
        for (String suffix : new TreeSet<>(ImageNames.suffixes())) {
            for (String spelled : List.of(suffix, suffix.toUpperCase(Locale.ROOT))) {
                Path other = maps.resolve(stem(image) + "." + spelled);
                if (Files.exists(other)) {
                    return FolderWalk.name(maps) + "/" + FileNames.text(maps.relativize(other));
                }
            }
        }
        return null;
    }

    /** The path of an image below the folder of images. */
    String name(Path image) {
        return FileNames.text(images.relativize(image)).replace(File.separatorChar, '/');
    }

    private String stem(Path image) {
        String path = images.relativize(image).toString();
        return path.substring(0, path.lastIndexOf('.'));
    }

    private Path capitals(String stem, Path map) {
        Path capitals = maps.resolve(stem + ".PNG");
        return Files.exists(capitals) ? capitals : map;
    }

    private Path missing(Path imagesOfSplit) {
        return maps.resolve(FolderWalk.name(imagesOfSplit));
    }

    private static @Nullable Path first(List<String> names, List<Path> folders) {
        for (String name : names) {
            for (Path folder : folders) {
                if (FolderWalk.name(folder).equalsIgnoreCase(name)) {
                    return folder;
                }
            }
        }
        return null;
    }
}

package org.capi.data.source.folder;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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
    Map<String, PairedFolders> splits() throws IOException {
        Map<String, Path> ofImages = FolderWalk.splits(images);
        Map<String, Path> ofMaps = FolderWalk.splits(maps);
        Map<String, PairedFolders> splits = new TreeMap<>();
        ofImages.forEach((split, folder) ->
                splits.put(split, new PairedFolders(folder, ofMaps.getOrDefault(split, missing(folder)))));
        return splits;
    }

    /** The label map of an image, whether it is there or not. */
    Path map(Path image) {
        String path = images.relativize(image).toString();
        String stem = path.substring(0, path.lastIndexOf('.'));
        Path map = maps.resolve(stem + ".png");
        return Files.exists(map) ? map : capitals(stem, map);
    }

    /** The path of an image below the folder of images. */
    String name(Path image) {
        return images.relativize(image).toString().replace(File.separatorChar, '/');
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

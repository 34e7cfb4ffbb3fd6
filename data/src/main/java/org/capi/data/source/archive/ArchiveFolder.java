package org.capi.data.source.archive;

import java.util.SortedMap;
import java.util.TreeMap;
import org.capi.data.source.SplitNames;

/** What lies below a folder of an archive: how many images, and the folders with images as deep as classes may be. */
final class ArchiveFolder {

    private static final int MAY_BE_ROOT = 1;
    private static final int MAY_BE_SPLIT = 2;

    private final SortedMap<String, ArchiveFolder> folders = new TreeMap<>();
    private long images;
    private long ownImages;
    private String ownImage = "";

    /** Counts an image by its path below this folder, the archive's top. */
    void add(String path) {
        add(path, 0, true);
    }

    /** The images in this folder and all folders in it. */
    long images() {
        return images;
    }

    /** The images in this folder itself. */
    long ownImages() {
        return ownImages;
    }

    /** The name of the first image in this folder itself; empty where there is none. */
    String ownImage() {
        return ownImage;
    }

    /** The folders with images that lie in this one. */
    SortedMap<String, ArchiveFolder> folders() {
        return folders;
    }

    private void add(String path, int depth, boolean mayHoldClasses) {
        images++;
        int slash = path.indexOf('/');
        if (slash < 0) {
            ownImages++;
            ownImage = ownImage.isEmpty() ? path : ownImage;
        } else if (mayHoldClasses) {
            String name = path.substring(0, slash);
            boolean deeper = depth + 1 <= MAY_BE_ROOT || (depth + 1 == MAY_BE_SPLIT && SplitNames.of(name) != null);
            folders.computeIfAbsent(name, n -> new ArchiveFolder()).add(path.substring(slash + 1), depth + 1, deeper);
        }
    }
}

package org.capi.data.source.folder;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.capi.data.source.EntryReader;
import org.capi.data.source.PassedOver;
import org.capi.data.source.SourceSplit;

/**
 * One split of a folder of images.
 *
 * @param classFolders those that hold image files; without any, the files of the folder itself have no label
 */
record ImageFolderSplit(String name, Path folder, List<Path> classFolders, long entries) implements SourceSplit {

    static ImageFolderSplit of(String split, Path folder, PassedOver passed) throws IOException {
        List<Path> classFolders = new ArrayList<>();
        long files = FolderWalk.files(folder, passed).size();
        for (Path child : FolderWalk.folders(folder)) {
            long count = FolderWalk.count(folder, child, passed);
            if (count > 0) {
                classFolders.add(child);
                files += count;
            }
        }
        if (files == 0) {
            throw new IllegalArgumentException(
                    "no image files in " + folder + " (JPEG, PNG, GIF, BMP, WebP and TIFF are read)");
        }
        return new ImageFolderSplit(split, folder, List.copyOf(classFolders), files);
    }

    @Override
    public EntryReader open() {
        return new ImageFolderReader(this);
    }
}

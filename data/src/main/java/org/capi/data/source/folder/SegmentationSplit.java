package org.capi.data.source.folder;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.capi.data.source.EntryReader;
import org.capi.data.source.PassedOver;
import org.capi.data.source.SourceSplit;
import org.jspecify.annotations.Nullable;

/**
 * One split of a collection of images with label maps.
 *
 * @param list names the images; null where the split has all of the folder
 */
record SegmentationSplit(
        String name, PairedFolders folders, @Nullable Path list, long entries) implements SourceSplit {

    private static final Logger log = LogManager.getLogger(SegmentationSplit.class);

    static SegmentationSplit listed(String name, PairedFolders folders, Path list) throws IOException {
        long entries = 0;
        try (var reader = new SegmentationReader(folders, list)) {
            while (reader.nextImage() != null) {
                entries++;
            }
        }
        if (entries == 0) {
            throw new IllegalArgumentException("the list " + list + " names no image");
        }
        return new SegmentationSplit(name, folders, list, entries);
    }

    static SegmentationSplit all(String name, PairedFolders folders, PassedOver passed) throws IOException {
        long entries = 0;
        long pairs = 0;
        String other = null;
        try (var reader = new SegmentationReader(folders, null)) {
            for (Path image = reader.nextImage(); image != null; image = reader.nextImage()) {
                entries++;
                if (Files.exists(folders.map(image))) {
                    pairs++;
                } else if (pairs == 0 && other == null) {
                    other = folders.otherMap(image);
                }
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
        FolderWalk.count(folders.maps(), folders.images(), passed);
        long maps = FolderWalk.count(folders.images(), folders.maps(), passed);
        if (maps > pairs) {
            log.warn("{} label maps in {} have no image and are passed over", maps - pairs, folders.maps());
        }
        return new SegmentationSplit(name, folders, null, entries);
    }

    @Override
    public EntryReader open() throws IOException {
        return new SegmentationReader(folders, list);
    }
}

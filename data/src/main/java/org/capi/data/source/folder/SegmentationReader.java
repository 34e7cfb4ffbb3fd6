package org.capi.data.source.folder;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.capi.data.source.Entry;
import org.capi.data.source.EntryReader;
import org.capi.data.source.FileContent;
import org.capi.data.source.Label;
import org.jspecify.annotations.Nullable;

/** Reads images with their label maps: those of a list, or all in order of name. */
final class SegmentationReader implements EntryReader {

    private final PairedFolders folders;
    private final @Nullable StemList list;
    private final @Nullable FolderWalk walk;

    SegmentationReader(PairedFolders folders, @Nullable Path list) throws IOException {
        this.folders = folders;
        this.list = list == null ? null : new StemList(list);
        this.walk = list == null ? new FolderWalk(parent(folders.images()), folders.images()) : null;
    }

    @Override
    public @Nullable Entry next() throws IOException {
        Path image = nextImage();
        return image == null ? null : entry(image);
    }

    @Override
    public void skip(long entries) throws IOException {
        for (long i = 0; i < entries; i++) {
            if (nextImage() == null) {
                return;
            }
        }
    }

    @Override
    public void close() throws IOException {
        if (list != null) {
            list.close();
        }
    }

    @Nullable
    Path nextImage() throws IOException {
        if (walk != null) {
            return walk.next();
        }
        String stem = list == null ? null : list.next();
        return stem == null ? null : StemList.image(folders.images(), stem);
    }

    private Entry entry(Path image) {
        String name = folders.name(image);
        Path map = folders.map(image);
        if (Files.exists(map)) {
            return new Entry(name, new FileContent(image), Label.NONE, new FileContent(map));
        }
        String other = folders.otherMap(image);
        return Entry.broken(
                name, other == null ? "no label map: there is no " + map : "label maps must be PNG: found " + other);
    }

    private static Path parent(Path folder) {
        Path parent = folder.toAbsolutePath().getParent();
        return parent == null ? folder : parent;
    }
}

package org.capi.data.source.folder;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import org.capi.data.files.FileNames;
import org.capi.data.source.Entry;
import org.capi.data.source.EntryReader;
import org.capi.data.source.FileContent;
import org.capi.data.source.Label;
import org.jspecify.annotations.Nullable;

/** Reads a split of a folder of images: class after class, then the files that lie beside the class folders. */
final class ImageFolderReader implements EntryReader {

    private final ImageFolderSplit split;
    private final Iterator<Path> classFolders;
    private @Nullable FolderWalk walk;
    private Label label = Label.NONE;
    private @Nullable Iterator<Path> loose;

    ImageFolderReader(ImageFolderSplit split) {
        this.split = split;
        this.classFolders = split.classFolders().iterator();
    }

    @Override
    public @Nullable Entry next() throws IOException {
        while (true) {
            Path file = walk == null ? null : walk.next();
            if (file != null) {
                return Entry.of(name(file), new FileContent(file), label);
            }
            if (!classFolders.hasNext()) {
                return nextLoose();
            }
            Path folder = classFolders.next();
            walk = new FolderWalk(split.folder(), folder);
            label = new Label.Named(FolderWalk.name(folder));
        }
    }

    @Override
    public void close() {}

    private @Nullable Entry nextLoose() throws IOException {
        if (loose == null) {
            loose = FolderWalk.files(split.folder()).iterator();
        }
        if (!loose.hasNext()) {
            return null;
        }
        Path file = loose.next();
        return split.classFolders().isEmpty()
                ? Entry.of(name(file), new FileContent(file), Label.NONE)
                : Entry.broken(name(file), "lies beside the class folders");
    }

    private String name(Path file) {
        return FileNames.text(split.folder().relativize(file)).replace(File.separatorChar, '/');
    }
}

package org.capi.data.imports;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import org.capi.data.source.Source;
import org.capi.data.source.folder.ImageFolder;
import org.jspecify.annotations.Nullable;

/** The kinds of collections that can be imported. */
public enum SourceKind {
    IMAGEFOLDER("a folder for each class, or one flat folder without labels") {
        @Override
        public Source open(Path from, @Nullable String split) throws IOException {
            return split == null ? ImageFolder.open(from) : ImageFolder.open(from, split);
        }
    };

    private final String meaning;

    SourceKind(String meaning) {
        this.meaning = meaning;
    }

    /** Looks at a collection; with a split's name all of it is that split, else the collection says what its splits are. */
    public abstract Source open(Path from, @Nullable String split) throws IOException;

    /** What such a collection is. */
    public String meaning() {
        return meaning;
    }

    /** The name as a user writes it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}

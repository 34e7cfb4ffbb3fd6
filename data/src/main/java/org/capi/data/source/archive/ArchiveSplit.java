package org.capi.data.source.archive;

import java.io.IOException;
import java.util.SortedSet;
import java.util.TreeSet;
import org.capi.data.source.EntryReader;
import org.capi.data.source.SourceSplit;

/**
 * One split of an archive.
 *
 * @param prefix what the paths of its images begin with
 * @param classes the folders in it; without any, its images have no label
 */
record ArchiveSplit(ArchiveFile archive, String name, String prefix, SortedSet<String> classes, long entries)
        implements SourceSplit {

    static ArchiveSplit of(ArchiveFile archive, String name, String prefix, ArchiveFolder folder) {
        return new ArchiveSplit(
                archive, name, prefix, new TreeSet<>(folder.folders().keySet()), folder.images());
    }

    @Override
    public EntryReader open() throws IOException {
        return new ArchiveReader(this, archive.members());
    }
}

package org.capi.data.source.archive;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.capi.data.files.FileNames;
import org.capi.data.source.Entry;
import org.capi.data.source.Entry.Label;
import org.capi.data.source.ImageNames;
import org.capi.data.source.SkippedFiles;
import org.capi.data.source.SkippedFiles.Kind;
import org.capi.data.source.Source;
import org.capi.data.source.Source.EntryReader;
import org.capi.data.source.Source.Scanned;
import org.capi.data.source.Source.ScannedSplit;
import org.capi.data.source.Source.SourceSplit;
import org.capi.data.source.SplitNames;
import org.capi.data.source.archive.ArchiveFile.Member;
import org.capi.data.source.archive.ArchiveFile.Members;
import org.jspecify.annotations.Nullable;

/**
 * A folder of images inside a tar or zip archive, which is not unpacked.
 *
 * <p>Splits, classes and names are those of the unpacked folder as an image folder; the images come in the order of the
 * archive. A single folder at the top is the folder of images, unless it is named like a split. Links are not
 * followed: those that are named like images are broken entries. A file that an archive holds twice is read twice.
 */
public final class ImageArchive {

    private ImageArchive() {}

    /** Scans the names in an archive whose folders may be splits; without such folders all of it is the split train. */
    public static Source open(Path from) throws IOException {
        return open(from, null);
    }

    /** Takes all of an archive as one split, or with null looks for folders of splits. */
    public static Source open(Path from, @Nullable String split) throws IOException {
        ArchiveFile archive = ArchiveFile.open(from);
        List<String> notes = new ArrayList<>();
        Folder top = count(archive, notes);
        boolean isBelow =
                top.ownImages == 0 && top.folders.size() == 1 && SplitNames.of(top.folders.firstKey()) == null;
        String root = isBelow ? top.folders.firstKey() + "/" : "";
        Folder folder = isBelow ? top.folders.values().iterator().next() : top;
        List<ArchivePart> parts = split == null ? splits(from, root, folder, notes) : List.of();
        if (parts.isEmpty()) {
            parts = List.of(new ArchivePart(split == null ? SplitNames.DEFAULT : split, root, folder));
        }
        List<SourceSplit> splits = new ArrayList<>();
        var classes = new TreeSet<String>();
        for (ArchivePart part : parts) {
            classes.addAll(part.folder.folders.keySet());
            splits.add(
                    new ScannedSplit(part.name, part.folder.images, () -> new ArchiveReader(part, archive.members())));
        }
        return Scanned.of("archive", from, splits, classes, notes);
    }

    /**
     * One split of an archive.
     *
     * @param prefix the beginning of its images' paths
     * @param folder its folders are the classes; without any, its images have no label
     */
    private record ArchivePart(String name, String prefix, Folder folder) {}

    /** The number of images below a folder of an archive, and its folders with images as deep as classes may be. */
    private static final class Folder {

        private static final int MAY_BE_ROOT = 1;
        private static final int MAY_BE_SPLIT = 2;

        private final SortedMap<String, Folder> folders = new TreeMap<>();
        private long images;
        private long ownImages; // those in this folder itself
        private String ownImage = ""; // the name of the first of them

        private void add(String path, int depth, boolean mayHoldClasses) {
            images++;
            int slash = path.indexOf('/');
            if (slash < 0) {
                ownImages++;
                ownImage = ownImage.isEmpty() ? path : ownImage;
            } else if (mayHoldClasses) {
                String name = path.substring(0, slash);
                boolean deeper = depth + 1 <= MAY_BE_ROOT || (depth + 1 == MAY_BE_SPLIT && SplitNames.of(name) != null);
                folders.computeIfAbsent(name, n -> new Folder()).add(path.substring(slash + 1), depth + 1, deeper);
            }
        }
    }

    private static Folder count(ArchiveFile archive, List<String> notes) throws IOException {
        var top = new Folder();
        var skipped = new SkippedFiles(archive.path());
        try (Members members = archive.members()) {
            for (Member member = members.next(); member != null; member = members.next()) {
                String path = FileNames.normal(member.path());
                boolean hidden = ImageNames.isHiddenPath(path);
                boolean image = isImage(path);
                if (image && !hidden) {
                    top.add(path, 0, true);
                } else if (hidden ? image : member.problem().isEmpty()) {
                    skipped.add(hidden ? Kind.HIDDEN_IMAGES : Kind.NOT_IMAGES, path);
                } else if (!member.problem().isEmpty()) {
                    skipped.add(Kind.LINKS, path);
                }
            }
            notes.addAll(skipped.notes());
            if (!members.trailing().isEmpty()) {
                notes.add(members.trailing());
            }
        }
        if (top.images == 0) {
            throw new IllegalArgumentException("no image files in the archive " + archive.path());
        }
        return top;
    }

    private static boolean isImage(String path) {
        return ImageNames.isImage(path.substring(path.lastIndexOf('/') + 1));
    }

    /**
     * The folders named like splits; empty where there are none. Other folders with images next to them are refused.
     */
    private static List<ArchivePart> splits(Path from, String root, Folder folder, List<String> notes) {
        SortedMap<String, String> splits = new TreeMap<>();
        List<String> others = new ArrayList<>();
        for (String child : folder.folders.keySet()) {
            String split = SplitNames.of(child);
            if (split == null) {
                others.add(child);
            }
            String other = split == null ? null : splits.put(split, child);
            if (other != null) {
                throw new IllegalArgumentException(
                        other + " and " + child + " in " + from + " would both be the split " + split);
            }
        }
        if (!splits.isEmpty() && !others.isEmpty()) {
            throw SplitNames.mixed(from, splits.keySet(), others);
        }
        if (!splits.isEmpty() && folder.ownImages > 0) {
            notes.add(folder.ownImages + " images of " + from
                    + " lie next to the folders of its splits and are no part of them, such as "
                    + FileNames.shown(folder.ownImage));
        }
        List<ArchivePart> parts = new ArrayList<>();
        splits.forEach((split, child) ->
                parts.add(new ArchivePart(split, root + child + "/", folder.folders.getOrDefault(child, folder))));
        return parts;
    }

    /** Reads the images of a split in the order of their archive. */
    private record ArchiveReader(ArchivePart part, Members members) implements EntryReader {

        /** A member that is an image of the split, and its path below the split's folder. */
        private record ImageMember(String name, Member member) {}

        @Override
        public @Nullable Entry next() throws IOException {
            ImageMember found = find();
            return found == null ? null : entry(found.name, found.member);
        }

        @Override
        public void skip(long entries) throws IOException {
            for (long i = 0; i < entries && find() != null; i++) {
                // Its bytes are not read.
            }
        }

        @Override
        public void close() throws IOException {
            members.close();
        }

        private @Nullable ImageMember find() throws IOException {
            for (Member member = members.next(); member != null; member = members.next()) {
                String path = FileNames.normal(member.path());
                if (isImage(path) && !ImageNames.isHiddenPath(path) && path.startsWith(part.prefix)) {
                    return new ImageMember(path.substring(part.prefix.length()), member);
                }
            }
            return null;
        }

        private Entry entry(String name, Member member) throws IOException {
            int slash = name.indexOf('/');
            if (slash < 0 && !part.folder.folders.isEmpty()) {
                return Entry.broken(name, "is next to the class folders");
            }
            if (!member.problem().isEmpty()) {
                return Entry.broken(name, member.problem());
            }
            Label label = slash < 0 ? Label.NONE : new Label.Named(name.substring(0, slash));
            return Entry.of(name, member.bytes().get(), label);
        }
    }
}

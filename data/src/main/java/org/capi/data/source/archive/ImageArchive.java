package org.capi.data.source.archive;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.capi.data.files.FileNames;
import org.capi.data.source.PassedOver;
import org.capi.data.source.Source;
import org.capi.data.source.SourceSplit;
import org.capi.data.source.SplitNames;

/**
 * A folder of images inside a tar or zip archive, which is not unpacked.
 *
 * <p>Splits, classes and names are those of the unpacked folder as an image folder; the images come in the order of the
 * archive. A single folder at the top is the folder of images, unless it is named like a split. Links are not
 * followed: those that are named like images are left out with this reason. A file that an archive holds twice is read twice.
 */
public final class ImageArchive implements Source {

    private final ArchiveFile archive;
    private final List<ArchiveSplit> parts;
    private final List<String> notes;

    private ImageArchive(ArchiveFile archive, List<ArchiveSplit> parts, List<String> notes) {
        this.archive = archive;
        this.parts = List.copyOf(parts);
        this.notes = List.copyOf(notes);
    }

    /** Looks through the names in an archive whose folders may be splits; without such folders all of it is the split train. */
    public static ImageArchive open(Path from) throws IOException {
        ArchiveFile archive = ArchiveFile.open(from);
        List<String> notes = new ArrayList<>();
        ArchiveFolder top = count(archive, notes);
        String root = root(top);
        ArchiveFolder folder = below(top, root);
        List<String> others = new ArrayList<>();
        SortedMap<String, String> splits = new TreeMap<>();
        for (String child : folder.folders().keySet()) {
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
        if (splits.isEmpty()) {
            return new ImageArchive(
                    archive, List.of(ArchiveSplit.of(archive, SplitNames.DEFAULT, root, folder)), notes);
        }
        if (!others.isEmpty()) {
            throw SplitNames.mixed(from, splits.keySet(), others);
        }
        List<ArchiveSplit> parts = new ArrayList<>();
        for (var split : splits.entrySet()) {
            ArchiveFolder child = below(folder, split.getValue() + "/");
            parts.add(ArchiveSplit.of(archive, split.getKey(), root + split.getValue() + "/", child));
        }
        if (folder.ownImages() > 0) {
            notes.add(folder.ownImages() + " images of " + from
                    + " lie beside the folders of its splits and are no part of them, such as "
                    + FileNames.shown(folder.ownImage()));
        }
        return new ImageArchive(archive, parts, notes);
    }

    /** Takes all of an archive as one split. */
    public static ImageArchive open(Path from, String split) throws IOException {
        ArchiveFile archive = ArchiveFile.open(from);
        List<String> notes = new ArrayList<>();
        ArchiveFolder top = count(archive, notes);
        String root = root(top);
        return new ImageArchive(archive, List.of(ArchiveSplit.of(archive, split, root, below(top, root))), notes);
    }

    @Override
    public String description() {
        return "archive " + archive.path().toAbsolutePath().normalize();
    }

    @Override
    public List<SourceSplit> splits() {
        return List.copyOf(parts);
    }

    @Override
    public List<String> classes() {
        var names = new TreeSet<String>();
        parts.forEach(part -> names.addAll(part.classes()));
        return List.copyOf(names);
    }

    @Override
    public List<String> notes() {
        return notes;
    }

    private static ArchiveFolder count(ArchiveFile archive, List<String> notes) throws IOException {
        var top = new ArchiveFolder();
        var passed = new PassedOver(archive.path());
        try (Members members = archive.members()) {
            for (Member member = members.next(); member != null; member = members.next()) {
                String image = MemberName.image(member.path());
                if (image != null) {
                    top.add(image);
                } else {
                    MemberName.passOver(member, passed);
                }
            }
            notes.addAll(passed.notes());
            if (!members.trailing().isEmpty()) {
                notes.add(members.trailing());
            }
        }
        if (top.images() == 0) {
            throw new IllegalArgumentException("no image files in the archive " + archive.path());
        }
        return top;
    }

    /** The path of the folder that holds all images, with a slash at its end; empty where that is the archive's top. */
    private static String root(ArchiveFolder top) {
        boolean single = top.ownImages() == 0 && top.folders().size() == 1;
        return single && SplitNames.of(top.folders().firstKey()) == null
                ? top.folders().firstKey() + "/"
                : "";
    }

    private static ArchiveFolder below(ArchiveFolder folder, String path) {
        ArchiveFolder child = path.isEmpty() ? folder : folder.folders().get(path.substring(0, path.length() - 1));
        if (child == null) {
            throw new IllegalStateException("no folder " + path);
        }
        return child;
    }
}

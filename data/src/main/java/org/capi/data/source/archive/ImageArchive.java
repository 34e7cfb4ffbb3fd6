package org.capi.data.source.archive;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
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

    private static final Logger log = LogManager.getLogger(ImageArchive.class);

    private final ArchiveFile archive;
    private final List<ArchiveSplit> parts;

    private ImageArchive(ArchiveFile archive, List<ArchiveSplit> parts) {
        this.archive = archive;
        this.parts = List.copyOf(parts);
    }

    /** Looks through the names in an archive whose folders may be splits; without such folders all of it is the split train. */
    public static ImageArchive open(Path from) throws IOException {
        ArchiveFile archive = ArchiveFile.open(from);
        ArchiveFolder top = count(archive);
        String root = root(top);
        ArchiveFolder folder = below(top, root);
        SortedMap<String, String> splits = new TreeMap<>();
        for (String child : folder.folders().keySet()) {
            String split = SplitNames.ofFolder(child);
            String other = split == null ? null : splits.put(split, child);
            if (other != null) {
                throw new IllegalArgumentException(
                        other + " and " + child + " in " + from + " would both be the split " + split);
            }
        }
        if (splits.isEmpty()) {
            return new ImageArchive(archive, List.of(ArchiveSplit.of(archive, "train", root, folder)));
        }
        List<ArchiveSplit> parts = new ArrayList<>();
        long left = folder.images();
        for (var split : splits.entrySet()) {
            ArchiveFolder child = below(folder, split.getValue() + "/");
            parts.add(ArchiveSplit.of(archive, split.getKey(), root + split.getValue() + "/", child));
            left -= child.images();
        }
        if (left > 0) {
            log.warn("{} images of {} lie beside the folders of its splits and are no part of them", left, from);
        }
        return new ImageArchive(archive, parts);
    }

    /** Takes all of an archive as one split. */
    public static ImageArchive open(Path from, String split) throws IOException {
        ArchiveFile archive = ArchiveFile.open(from);
        ArchiveFolder top = count(archive);
        String root = root(top);
        return new ImageArchive(archive, List.of(ArchiveSplit.of(archive, split, root, below(top, root))));
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

    private static ArchiveFolder count(ArchiveFile archive) throws IOException {
        var top = new ArchiveFolder();
        long links = 0;
        try (Members members = archive.members()) {
            for (Member member = members.next(); member != null; member = members.next()) {
                String image = MemberName.image(member.path());
                if (image != null) {
                    top.add(image);
                } else if (!member.problem().isEmpty()) {
                    links++;
                }
            }
        }
        if (links > 0) {
            log.info("passed over {} links and other special members of {}", links, archive.path());
        }
        if (top.images() == 0) {
            throw new IllegalArgumentException("no image files in the archive " + archive.path());
        }
        return top;
    }

    /** The path of the folder that holds all images, with a slash at its end; empty where that is the archive's top. */
    private static String root(ArchiveFolder top) {
        boolean single = top.ownImages() == 0 && top.folders().size() == 1;
        return single && SplitNames.ofFolder(top.folders().firstKey()) == null
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

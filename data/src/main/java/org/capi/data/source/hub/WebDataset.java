package org.capi.data.source.hub;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.capi.data.source.ImageNames;
import org.capi.data.source.SkippedFiles;
import org.capi.data.source.Source;
import org.capi.data.source.Source.SourceOptions;
import org.capi.data.source.SplitNames;
import org.capi.data.source.archive.TarDamage;
import org.capi.data.source.archive.TarStream;
import org.capi.data.source.archive.TarStream.TarMember;
import org.capi.data.source.hub.HubSource.HubFile;
import org.capi.data.source.hub.HubSource.UnreadableFile;
import org.jspecify.annotations.Nullable;

/**
 * Archives in the form of WebDataset: consecutive files with the same name up to its first dot are one sample, such as
 * {@code 000017.jpg} and {@code 000017.cls}.
 *
 * <p>The class is in {@code .cls} (a number, else a name), or in {@code .json} under one of the keys class_name,
 * label_name, label, cls, class; -1 means none. Of an archive that breaks off, the samples before the one it breaks off
 * in are read.
 */
public final class WebDataset {

    private static final Logger log = LogManager.getLogger(WebDataset.class);

    private WebDataset() {}

    /**
     * Scans a tar archive, or all .tar, .tar.gz and .tgz files below a folder, which may be named after splits.
     *
     * @param split what to call the only split, or null to go by the names
     */
    public static Source open(Path from, @Nullable String split) throws IOException {
        return openWith(SourceOptions.of(split), from);
    }

    public static Source openWith(SourceOptions options, Path from) throws IOException {
        CollectionFiles files = CollectionFiles.find(from, ".tar", ".tar.gz", ".tgz");
        List<String> notes = new ArrayList<>(files.missing());
        var skipped = new SkippedFiles(from);
        List<HubFile> scanned =
                HubSource.scan(files, options, file -> scan(file, files.name(file), options.labels(), skipped, notes));
        notes.addAll(skipped.notes());
        return HubSource.of("webdataset", from, options.split(), SplitNames.group(scanned, HubFile::name), notes);
    }

    /** Counts an archive's samples by its headers alone; a file that does not begin as an archive is refused. */
    private static HubFile scan(Path file, String name, boolean labels, SkippedFiles skipped, List<String> notes)
            throws IOException {
        long samples = 0;
        Set<String> targets = new HashSet<>();
        try (TarStream tar = TarStream.open(file)) {
            String last = null;
            for (TarMember member = tar.next(); member != null; member = tar.next()) {
                if (member.isLink()) {
                    targets.add(member.target());
                }
                SampleKey key = SampleKey.of(member.name());
                if (key == null) {
                    skipped.add(SkippedFiles.Kind.NO_SAMPLES, name + "/" + member.name());
                } else if (!key.key.equals(last)) {
                    samples++;
                    last = key.key;
                }
            }
            if (!tar.trailing().isEmpty()) {
                notes.add(tar.trailing());
            }
        } catch (TarDamage e) {
            if (samples == 0) {
                throw new UnreadableFile("not a tar archive: " + file + ": " + e.getMessage(), e);
            }
            log.warn("{} is incomplete, {} samples were read: {}", file, samples, e.getMessage());
        }
        return new HubFile(name, samples, null, () -> new SampleReader(TarStream.open(file), name, targets, labels));
    }

    /**
     * What a file's name in an archive tells: the sample that it belongs to, and which part of the sample it is.
     *
     * @param key the path up to the first dot of the file's own name
     * @param part the rest after that dot, in lower case
     */
    record SampleKey(String key, String part) {

        /** Null for files that belong to no sample: hidden ones, such without a dot, and {@code __notes__}. */
        static @Nullable SampleKey of(String path) {
            int base = path.lastIndexOf('/') + 1;
            int dot = path.indexOf('.', base);
            if (dot <= base || path.startsWith("__", base) || ImageNames.isHiddenPath(path)) {
                return null;
            }
            return new SampleKey(path.substring(0, dot), path.substring(dot + 1).toLowerCase(Locale.ROOT));
        }
    }
}

package org.capi.data.imports;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.capi.data.Progress;
import org.capi.data.arrow.DatasetInfo;
import org.capi.data.image.ImageKernels;
import org.capi.data.source.Source;
import org.capi.data.source.SplitNames;

/**
 * Turns a collection of images into splits of a dataset: its entries are read in order, checked on several threads and
 * written as shards in order.
 *
 * <p>All of it happens in {@code DIR/import.partial}, which no reader takes for a dataset. After every shard that is on
 * the disk, {@code journal.json} there records how far the import is; started again, it drops what came after and
 * continues, and ends with the same bytes as an import that was never stopped. So a shard's end depends only on the
 * entries before it, and no file holds a time. When all is written the journal records it, and each split's folder is
 * moved to its place; a stop between two moves is completed by the next start.
 */
public final class Import {

    private static final Logger log = LogManager.getLogger(Import.class);

    private static final String TRAIN = "train";
    private static final int MAX_NAMED = 10;

    private Import() {}

    public record ImportedSplit(String name, Path folder, DatasetInfo info) {

        private static ImportedSplit read(Path folder) {
            return new ImportedSplit(String.valueOf(folder.getFileName()), folder, DatasetInfo.read(folder));
        }
    }

    /**
     * Writes every split of a source below a dataset's folder, or continues an import of the same that was stopped.
     *
     * <p>A failure leaves no split that looks complete: the shards that are on the disk are kept for the next try, and
     * where there are none, nothing is left.
     */
    public static List<ImportedSplit> run(Source source, Path to, ImportOptions options, Progress progress)
            throws IOException {
        checkFolder(to);
        source.notes().forEach(note -> log.warn("{}", note));
        var conditions = Journal.Conditions.of(source, options);
        try (PartialFolder partial = PartialFolder.enter(to)) {
            Journal before = partial.journal();
            if (before != null && (before.complete() || before.images() > 0)) {
                requireSame(before, conditions, partial);
            }
            if (before != null && before.complete()) {
                partial.moveToPlaces(before);
                return imported(to, conditions);
            }
            Journal journal;
            if (before == null || before.images() == 0) {
                journal = start(source, to, conditions, partial);
            } else {
                partial.restore(before);
                log.info("continuing an earlier import, which has written {} images", before.images());
                journal = before;
            }
            write(source, options, journal, partial, progress);
            warnOfMissingClasses(existing(to), conditions.splits());
            return imported(to, conditions);
        }
    }

    private static void checkFolder(Path dataset) {
        if (Files.exists(dataset) && !Files.isDirectory(dataset)) {
            throw new IllegalArgumentException("the dataset folder " + dataset + " is a file");
        }
        if (Files.exists(dataset.resolve(DatasetInfo.FILE))) {
            throw new IllegalArgumentException(
                    dataset + " is itself a split of a dataset; --to names the folder that holds the splits");
        }
    }

    /** Refuses an unfinished import of something else, before anything of it is touched. */
    private static void requireSame(Journal before, Journal.Conditions conditions, PartialFolder partial) {
        partial.keep();
        String difference = conditions.difference(before.conditions());
        if (difference != null) {
            throw new IllegalArgumentException("another import was not finished in " + partial.folder() + ": "
                    + difference + "; finish that one, or delete that folder");
        }
    }

    private static Journal start(Source source, Path to, Journal.Conditions conditions, PartialFolder partial)
            throws IOException {
        for (String split : conditions.splits()) {
            SplitNames.check(split);
            if (Files.exists(to.resolve(split))) {
                throw new IllegalArgumentException("the split " + split + " exists already in " + to);
            }
        }
        List<ImportedSplit> before = existing(to);
        checkCase(before, conditions.splits());
        partial.restore(null);
        // The splits of a dataset share their classes: those with fewer have the first of them.
        List<String> existing = before.stream()
                .map(split -> split.info().classes())
                .max(Comparator.comparingInt(List::size))
                .orElse(List.of());
        var classes = new ClassRegistry(existing);
        classes.addAll(source.classes());
        differingInCase(classes.names())
                .forEach(names -> log.warn("these classes differ only in upper and lower case: {}", names));
        return new Journal(false, conditions, classes.names(), List.of());
    }

    /** Refuses names that are one folder on a file system that does not tell upper from lower case. */
    private static void checkCase(List<ImportedSplit> existing, List<String> splits) {
        Map<String, String> names = new HashMap<>();
        existing.forEach(split -> names.put(split.name().toLowerCase(Locale.ROOT), split.name()));
        for (String split : splits) {
            String other = names.putIfAbsent(split.toLowerCase(Locale.ROOT), split);
            if (other != null) {
                throw new IllegalArgumentException("the splits " + other + " and " + split
                        + " differ only in case, and on some file systems they are one folder: rename one of them");
            }
        }
    }

    /** The classes that are the same but for upper and lower case, those together in one text. */
    static List<String> differingInCase(List<String> classes) {
        SortedMap<String, SortedSet<String>> names = new TreeMap<>();
        classes.forEach(name -> names.computeIfAbsent(name.toLowerCase(Locale.ROOT), lower -> new TreeSet<>())
                .add(name));
        return names.values().stream()
                .filter(same -> same.size() > 1)
                .map(same -> String.join(", ", same))
                .toList();
    }

    private static void write(
            Source source, ImportOptions options, Journal journal, PartialFolder partial, Progress progress)
            throws IOException {
        try (var kernels = new ImageKernels()) {
            new ImportRun(source, options, journal, partial, kernels, progress).run();
        } catch (IOException e) {
            Journal written = partial.journal();
            if (written == null || written.images() == 0) {
                throw e;
            }
            throw new IOException(
                    reason(e) + "; " + written.images() + " images are kept in " + partial.folder()
                            + ", and the same command continues from there",
                    e);
        }
    }

    /** The system's own message may be the file's name alone. */
    private static String reason(IOException failure) {
        String message = String.valueOf(failure.getMessage());
        if (failure instanceof AccessDeniedException) {
            return "no permission for the file: " + message;
        }
        return failure instanceof NoSuchFileException ? "no such file: " + message : message;
    }

    private static List<ImportedSplit> imported(Path to, Journal.Conditions conditions) {
        return conditions.splits().stream()
                .map(split -> ImportedSplit.read(to.resolve(split)))
                .toList();
    }

    private static List<ImportedSplit> existing(Path dataset) throws IOException {
        if (!Files.isDirectory(dataset)) {
            return List.of();
        }
        try (Stream<Path> children = Files.list(dataset)) {
            return children.sorted()
                    .filter(child -> Files.exists(child.resolve(DatasetInfo.FILE)))
                    .map(ImportedSplit::read)
                    .toList();
        }
    }

    /** Warns of classes that a split has images of and the split train has none: no model learns them there. */
    private static void warnOfMissingClasses(List<ImportedSplit> splits, List<String> justImported) {
        for (ImportedSplit train : splits) {
            if (!train.name().equals(TRAIN) || train.info().classCounts().isEmpty()) {
                continue;
            }
            for (ImportedSplit other : splits) {
                List<String> missing = missingClasses(train.info(), other.info());
                boolean news = justImported.contains(TRAIN) || justImported.contains(other.name());
                if (news && !missing.isEmpty()) {
                    log.warn(
                            "the split {} has images of {} that the split train has none of: {}{}",
                            other.name(),
                            missing.size() == 1 ? "1 class" : missing.size() + " classes",
                            String.join(", ", missing.subList(0, Math.min(MAX_NAMED, missing.size()))),
                            missing.size() > MAX_NAMED ? ", ..." : "");
                }
            }
        }
    }

    /** The classes that one split has images of and the other has not. */
    static List<String> missingClasses(DatasetInfo train, DatasetInfo other) {
        List<String> missing = new ArrayList<>();
        for (int label = 0; label < other.classCounts().size(); label++) {
            boolean trained =
                    label < train.classCounts().size() && train.classCounts().get(label) > 0;
            if (other.classCounts().get(label) > 0 && !trained) {
                missing.add(other.classes().get(label));
            }
        }
        return missing;
    }
}

package org.capi.data.imports;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.capi.data.Progress;
import org.capi.data.image.ImageKernels;
import org.capi.data.source.Source;

/** Turns a collection of images into splits of a dataset. */
public final class Import {

    private static final Logger log = LogManager.getLogger(Import.class);

    private Import() {}

    /**
     * Writes every split of a source below a dataset's folder, or goes on with an import of the same that was stopped.
     *
     * <p>A failure leaves no split that looks whole: what was safely written is kept for the next try, and where that is
     * nothing, nothing stays.
     */
    public static List<ImportedSplit> run(Source source, Path to, ImportOptions options, Progress progress)
            throws IOException {
        Splits.checkFolder(to);
        source.notes().forEach(note -> log.warn("{}", note));
        var conditions = Conditions.of(source, options);
        try (PartialFolder partial = PartialFolder.enter(to)) {
            Journal begun = partial.journal();
            if (begun != null && (begun.complete() || begun.images() > 0)) {
                requireSame(begun, conditions, partial);
            }
            if (begun != null && begun.complete()) {
                partial.moveToPlaces(begun);
                return imported(to, conditions);
            }
            Journal journal = begun == null || begun.images() == 0
                    ? begin(source, to, conditions, partial)
                    : resume(begun, partial);
            write(source, options, journal, partial, progress);
            List<ImportedSplit> splits = imported(to, conditions);
            MissingClasses.warn(Splits.existing(to), conditions.splits());
            return splits;
        }
    }

    private static Journal begin(Source source, Path to, Conditions conditions, PartialFolder partial)
            throws IOException {
        conditions.splits().forEach(split -> Splits.checkNew(to, split));
        partial.restore(null);
        var classes = new ClassRegistry(Splits.classes(Splits.existing(to)));
        classes.addAll(source.classes());
        return new Journal(false, conditions, classes.names(), List.of());
    }

    /** Refuses an unfinished import of something else, before anything of it is touched. */
    private static void requireSame(Journal begun, Conditions conditions, PartialFolder partial) {
        partial.keep();
        String difference = conditions.difference(begun.conditions());
        if (difference != null) {
            throw new IllegalArgumentException("another import was not finished in " + partial.folder() + ": "
                    + difference + "; finish that one, or delete that folder");
        }
    }

    private static Journal resume(Journal begun, PartialFolder partial) throws IOException {
        partial.restore(begun);
        log.info("going on after {} images that an import before has written", begun.images());
        return begun;
    }

    private static void write(
            Source source, ImportOptions options, Journal journal, PartialFolder partial, Progress progress)
            throws IOException {
        var run = new ImportRun(source, options, journal, partial);
        try (var kernels = new ImageKernels()) {
            run.run(new EntryCheck(kernels, options, source.classes().size()), progress);
        } catch (IOException e) {
            throw keeping(partial, e);
        }
    }

    /** Says what a failure has left, where it has left something. */
    private static IOException keeping(PartialFolder partial, IOException failure) {
        Journal journal = partial.journal();
        if (journal == null || journal.images() == 0) {
            return failure;
        }
        return new IOException(
                FileFault.words(failure) + "; " + journal.images() + " images are kept in " + partial.folder()
                        + ", and the same command goes on from there",
                failure);
    }

    private static List<ImportedSplit> imported(Path to, Conditions conditions) {
        List<ImportedSplit> splits = new ArrayList<>();
        for (String split : conditions.splits()) {
            splits.add(ImportedSplit.read(to.resolve(split)));
        }
        return List.copyOf(splits);
    }
}

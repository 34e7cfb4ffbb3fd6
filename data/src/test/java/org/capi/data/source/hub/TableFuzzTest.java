package org.capi.data.source.hub;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.capi.data.source.Entry;
import org.capi.data.source.Source;
import org.capi.data.source.Source.EntryReader;
import org.capi.data.source.Source.SourceSplit;
import org.capi.fuzz.MutatedFiles;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
class TableFuzzTest {

    private static final int COPIES = Integer.getInteger("capi.fuzz.copies", 1500);
    private static final long MAX_BYTES = 256L << 20;

    @TempDir
    Path folder;

    @Test
    void aMutatedParquetFileIsReadOrRefused() throws Exception {
        parse(
                ParquetFiles::open,
                "train-00000-of-00001.parquet",
                "nulls.parquet",
                "dictionary.parquet",
                "delta.parquet");
    }

    @Test
    void aMutatedArrowFileIsReadOrRefused() throws Exception {
        parse(
                HuggingFaceArrow::open,
                "file-format.arrow",
                "saved/train/data-00000-of-00001.arrow",
                "dictionary.arrow",
                "dictionary-numbers.arrow");
    }

    private void parse(Opener opener, String... names) throws Exception {
        List<Path> files = new ArrayList<>();
        for (String name : names) {
            files.add(HubFiles.of(name));
        }
        MutatedFiles.parseAll(files, folder, COPIES, MAX_BYTES, file -> read(opener.open(file, null)));
    }

    /** Reads every image; a broken row is a clean outcome. */
    private static void read(Source source) throws IOException {
        for (SourceSplit split : source.splits()) {
            try (EntryReader reader = split.open()) {
                for (Entry entry = reader.next(); entry != null; entry = reader.next()) {
                    try {
                        entry.image().read();
                    } catch (IOException e) {
                        // This row alone.
                    }
                }
            }
        }
    }

    /** Opens one kind of files. */
    private interface Opener {
        Source open(Path file, @Nullable String split) throws IOException;
    }
}

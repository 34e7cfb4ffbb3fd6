package org.capi.data.source;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.zip.Zip64Mode;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.capi.data.TestCases;
import org.capi.data.TestImages;
import org.capi.data.source.Source.SourceSplit;
import org.capi.data.source.archive.ImageArchive;
import org.capi.data.source.folder.ListFile;
import org.capi.data.source.hub.WebDataset;
import org.capi.fuzz.MutatedFiles;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Damaged archives and lists are read as far as they can be, or refused. */
@Tag("slow")
class ArchiveFuzzTest {

    private static final byte[] IMAGE = TestImages.png(9, 8, 3);
    private static final int COPIES = 2000;
    private static final long MAX_BYTES = 300L << 20;

    @TempDir
    Path folder;

    @Test
    void tarArchives() throws Exception {
        MutatedFiles.parseAll(tars(), folder, COPIES, MAX_BYTES, file -> read(ImageArchive.open(file)));
    }

    @Test
    void zipArchives() throws Exception {
        List<Path> files = List.of(
                zip("small.zip", Zip64Mode.Never),
                zip("large.zip", Zip64Mode.Always),
                TestCases.of("zip_sjis_unicode_extra.zip"));
        MutatedFiles.parseAll(files, folder, COPIES, MAX_BYTES, file -> read(ImageArchive.open(file)));
    }

    @Test
    void webDatasets() throws Exception {
        MutatedFiles.parseAll(tars(), folder, COPIES, MAX_BYTES, file -> read(WebDataset.open(file, null)));
    }

    @Test
    void lists() throws Exception {
        Files.write(folder.resolve("a.png"), IMAGE);
        Path list = Files.writeString(
                folder.resolve("list.txt"), "path\tlabel\na.png\t1\n# é\n\u72AC/b.png\tcat\tmap.png\na.png\t-1\n\n");
        Path broken = Files.write(folder.resolve("none.txt"), new byte[] {'\n', (byte) 0xFF, (byte) 0xFE});
        MutatedFiles.parseAll(List.of(list, broken), folder, COPIES, MAX_BYTES, file -> read(ListFile.open(file)));
    }

    /** Reads all that a source has; an entry alone may be broken. */
    private static void read(Source source) throws IOException {
        for (SourceSplit split : source.splits()) {
            for (Entry entry : SourceRows.entries(split, 0)) {
                try {
                    entry.image().read();
                } catch (IOException e) {
                    if (String.valueOf(e.getMessage()).contains("\n")) {
                        throw new IllegalStateException("not one line: " + e.getMessage(), e);
                    }
                }
            }
        }
    }

    private List<Path> tars() throws Exception {
        List<Path> tars = new ArrayList<>(List.of(
                TestCases.of("wds_hardlinked_cls.tar"),
                TestCases.of("wds_links_vanish.tar"),
                TestCases.of("pax4.tar")));
        Path tar = folder.resolve("long.tar");
        try (var out = new TarArchiveOutputStream(Files.newOutputStream(tar), "UTF-8")) {
            out.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
            out.setAddPaxHeadersForNonAsciiNames(true);
            for (String name : List.of("c/\u72AC.png", "d/" + "long".repeat(50) + ".png", "d/x.png")) {
                var entry = new TarArchiveEntry(name);
                entry.setSize(IMAGE.length);
                out.putArchiveEntry(entry);
                out.write(IMAGE);
                out.closeArchiveEntry();
            }
        }
        tars.add(tar);
        Path gz = folder.resolve("long.tar.gz");
        try (var out = new GZIPOutputStream(Files.newOutputStream(gz))) {
            Files.copy(tar, out);
        }
        tars.add(gz);
        return tars;
    }

    private Path zip(String name, Zip64Mode mode) throws IOException {
        Path zip = folder.resolve(name);
        try (var out = new ZipArchiveOutputStream(zip)) {
            for (String entry : List.of("c/0.png", "c/1.png", "d/2.png")) {
                var header = new ZipArchiveEntry(entry);
                header.setSize(IMAGE.length);
                out.setUseZip64(mode);
                out.putArchiveEntry(header);
                out.write(IMAGE);
                out.closeArchiveEntry();
            }
            out.setUseZip64(Zip64Mode.AsNeeded);
        }
        return zip;
    }
}

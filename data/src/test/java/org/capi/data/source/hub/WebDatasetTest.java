package org.capi.data.source.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.capi.data.TestCases;
import org.capi.data.source.Entry;
import org.capi.data.source.Source;
import org.capi.data.source.Source.SourceOptions;
import org.capi.data.source.Source.SourceSplit;
import org.capi.data.source.SourceRows;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WebDatasetTest {

    private static final String TRAIN = "set-train-000.tar";

    @TempDir
    Path folder;

    @Test
    void samplesHaveTheirImagesAndClasses() throws Exception {
        Source source = WebDataset.open(HubFiles.of(TRAIN), null);
        assertThat(SourceRows.of(source))
                .containsExactly(
                        "train/" + TRAIN + "/a/0.png ee4f7287",
                        "train/" + TRAIN + "/a/1.png [owl] e0efb7ec",
                        "train/" + TRAIN + "/a/2.png [elk] f1ebee01",
                        "train/" + TRAIN
                                + "/a/3.png ! bad label: label in the .json file is neither text nor a whole number;"
                                + " --no-labels imports the images without labels",
                        "train/" + TRAIN + "/a/4 ! no image: the sample has only cls, txt");
        assertThat(HubFiles.labels(source.splits().get(0))).startsWith("3", "owl", "elk");
    }

    @Test
    void longNamesAndCompressedArchivesAreRead() throws Exception {
        Source source = WebDataset.open(HubFiles.of("set-val-000.tar.gz"), null);
        assertThat(SourceRows.of(source))
                .containsExactly("val/set-val-000.tar.gz/" + "long/".repeat(30) + "5.png abe96a80");
    }

    @Test
    void skippingSamplesEqualsReadingThem() throws Exception {
        for (int i = 0; i < 3; i++) {
            Files.copy(HubFiles.of(TRAIN), folder.resolve("train-" + i + ".tar"));
        }
        SourceSplit split = WebDataset.open(folder, null).splits().get(0);
        assertThat(split.entries()).isEqualTo(15);
        assertThat(HubFiles.afterSkipping(split)).isEqualTo(HubFiles.tails(split));
    }

    @Test
    void anArchiveThatBreaksOffGivesWhatIsThere() throws Exception {
        List<String> whole = SourceRows.of(WebDataset.open(HubFiles.of(TRAIN), null));
        for (int length = 1536; length < 8000; length += 256) {
            HubFiles.cut(HubFiles.of(TRAIN), folder, length);
            SourceSplit split = WebDataset.open(folder, null).splits().get(0);
            List<String> rows = SourceRows.of(WebDataset.open(folder, null));
            int last = rows.size() - 1;
            assertThat(split.entries()).isEqualTo(rows.size());
            assertThat(rows.subList(0, last)).isEqualTo(whole.subList(0, last));
            assertThat(rows.get(last))
                    .contains(" ! cut-off archive: it ends after byte ")
                    .endsWith("(" + TRAIN + ")");
        }
    }

    @Test
    void aFileThatIsNoArchiveIsRefused() throws Exception {
        Path text = Files.writeString(folder.resolve("a.tar"), "words ".repeat(200));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> WebDataset.open(text, null))
                .withMessageStartingWith("not a tar archive: " + text);
        Files.write(text, new byte[0]);
        assertThatIllegalArgumentException().isThrownBy(() -> WebDataset.open(folder, null));
    }

    @Test
    void aHardLinkGivesTheClassOfWhatItLeadsTo() throws Exception {
        Path tar = TestCases.of("wds_hardlinked_cls.tar");
        SourceSplit split = WebDataset.open(tar, null).splits().get(0);
        assertThat(HubFiles.labels(split)).containsExactly("3", "3", "1");
        Path gz = gzip(tar);
        assertThat(HubFiles.labels(WebDataset.open(gz, null).splits().get(0))).containsExactly("3", "3", "1");
        assertThat(HubFiles.afterSkipping(split)).isEqualTo(HubFiles.tails(split));
    }

    @Test
    void linksAreFollowedInTheArchiveAndElseNamed() throws Exception {
        Path tar = TestCases.of("wds_links_vanish.tar");
        for (Path archive : List.of(tar, gzip(tar))) {
            List<String> rows = SourceRows.of(WebDataset.open(archive, null));
            assertThat(rows).hasSize(4);
            assertThat(rows.get(0)).startsWith("train/" + archive.getFileName() + "/a.jpg ");
            assertThat(rows.get(1))
                    .isEqualTo("train/" + archive.getFileName() + "/b ! a link: b.jpg leads to /other/disk/b.jpg, "
                            + "which does not come before it in the archive");
            assertThat(rows.get(2)).isEqualTo(rows.get(0).replace("a.jpg", "c.jpg"));
        }
    }

    @Test
    void archivesThatWereJoinedAreReadOneAfterAnother() throws Exception {
        var source = WebDataset.open(TestCases.of("wds_concatenated.tar"), null);
        assertThat(SourceRows.entries(source.splits().get(0), 0))
                .extracting(Entry::name)
                .containsExactly("wds_concatenated.tar/a.jpg", "wds_concatenated.tar/b.jpg");
        assertThat(source.notes()).isEmpty();
    }

    @Test
    void aLabelThatIsAListSaysHowToDoWithoutIt() throws Exception {
        assertThat(SourceRows.of(WebDataset.open(TestCases.of("wds_json_label_list.tar"), null)))
                .hasSize(3)
                .allMatch(
                        row -> row.endsWith(" ! bad label: label in the .json file is neither text nor a whole number; "
                                + "--no-labels imports the images without labels"));
        SourceSplit split = WebDataset.openWith(
                        new SourceOptions(null, false, false), TestCases.of("wds_json_label_list.tar"))
                .splits()
                .get(0);
        assertThat(HubFiles.labels(split)).containsExactly("none", "none", "none");
        assertThat(SourceRows.entries(split, 0)).extracting(SourceRows::row).noneMatch(row -> row.contains(" ! "));
    }

    @ParameterizedTest
    @CsvSource({"pax1.tar, 9223372036854775807", "pax2.tar, 9223372036854775408"})
    void aSizeThatOverflowsIsRefused(String name, long size) throws Exception {
        Path tar = TestCases.of(name);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> WebDataset.open(tar, null))
                .withMessage(
                        "not a tar archive: " + tar + ": damaged archive: 000.jpg has a size of " + size + " bytes");
    }

    @Test
    void aSizeBeyondTheLimitBreaksItsSample() throws Exception {
        assertThat(SourceRows.of(WebDataset.open(TestCases.of("pax4.tar"), null)))
                .containsExactly("train/pax4.tar/000 ! too large: the file has 2147483548 bytes, at most 1073741824");
    }

    @Test
    void membersThatAreNoSamplesAndMissingArchivesAreNamed() throws Exception {
        Path tar = folder.resolve("train-00000-of-00003.tar");
        try (var out = new TarArchiveOutputStream(Files.newOutputStream(tar))) {
            for (String name : List.of("0.png", "noext", "@eaDir/0.png", "./1.png")) {
                var entry = new TarArchiveEntry(name);
                entry.setSize(1);
                out.putArchiveEntry(entry);
                out.write(1);
                out.closeArchiveEntry();
            }
        }
        var source = WebDataset.open(folder, null);
        assertThat(source.splits().get(0).entries()).isEqualTo(2);
        assertThat(source.notes())
                .containsExactly(
                        "files are missing in " + folder
                                + ": of the 3 files train-*-of-00003.tar there are 1, without number 1, 2",
                        "files that belong to no sample, skipped in " + folder + ": 2 (" + tar.getFileName()
                                + "/noext, " + tar.getFileName() + "/@eaDir/0.png)");
    }

    private Path gzip(Path tar) throws Exception {
        Path gz = folder.resolve(tar.getFileName() + ".gz");
        try (var out = new GZIPOutputStream(Files.newOutputStream(gz))) {
            Files.copy(tar, out);
        }
        return gz;
    }

    @Test
    void archivesAreNamedAfterSplits() throws Exception {
        Files.createDirectories(folder.resolve("test"));
        for (String name : new String[] {"train00001.tar", "imagenet-val-0001.tar", "test/0.tar", "other.tar"}) {
            Files.copy(HubFiles.of(TRAIN), folder.resolve(name));
        }
        Source source = WebDataset.open(folder, null);
        assertThat(source.splits()).extracting(SourceSplit::name).containsExactly("test", "train", "val");
        assertThat(source.splits()).extracting(SourceSplit::entries).containsExactly(5L, 10L, 5L);
    }
}

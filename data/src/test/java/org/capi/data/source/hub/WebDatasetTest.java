package org.capi.data.source.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.capi.data.source.Source;
import org.capi.data.source.SourceRows;
import org.capi.data.source.SourceSplit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
                                + "/a/3 ! bad label: label in the .json file is neither text nor a whole number"
                                + " (for images without labels take the .json files out of the archive)",
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
    void passingOverSamplesEqualsReadingThem() throws Exception {
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

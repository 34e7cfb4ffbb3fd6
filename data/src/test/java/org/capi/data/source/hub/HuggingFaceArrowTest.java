package org.capi.data.source.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Files;
import java.nio.file.Path;
import org.capi.data.source.Source;
import org.capi.data.source.Source.SourceSplit;
import org.capi.data.source.SourceRows;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HuggingFaceArrowTest {

    private static final String DATA = "data-00000-of-00001.arrow";

    @TempDir
    Path folder;

    @Test
    void aSavedDictionaryHasItsSplitsClassesAndBytes() throws Exception {
        Source source = HuggingFaceArrow.open(HubFiles.of("saved"), null);
        assertThat(source.classes()).containsExactly("cat", "dog", "emu");
        assertThat(SourceRows.of(source))
                .containsExactly(
                        "test/test/" + DATA + ":0/0004.png b14c3742",
                        "train/train/" + DATA + ":0/0000.png [cat] ee4f7287",
                        "train/train/" + DATA + ":1/0001.png [dog] e0efb7ec",
                        "train/train/" + DATA + ":2/0002.png [emu] f1ebee01",
                        "train/train/" + DATA + ":3/0003.png [cat] 18e192fc",
                        "train/train/" + DATA + ":4/0004.png [dog] b14c3742");
    }

    @Test
    void oneSavedDatasetMayBeCalledAnySplit() throws Exception {
        Source source = HuggingFaceArrow.open(HubFiles.of("saved/test"), "extra");
        assertThat(SourceRows.of(source)).containsExactly("extra/" + DATA + ":0/0004.png b14c3742");
    }

    @Test
    void aFileInTheFileFormatIsReadBatchByBatch() throws Exception {
        SourceSplit split = HuggingFaceArrow.open(HubFiles.of("file-format.arrow"), null)
                .splits()
                .get(0);
        assertThat(SourceRows.entries(split, 0))
                .extracting(SourceRows::row)
                .containsExactly(
                        "file-format.arrow:0 ee4f7287", "file-format.arrow:1 e0efb7ec", "file-format.arrow:2 f1ebee01");
        assertThat(HubFiles.afterSkipping(split)).isEqualTo(HubFiles.tails(split));
    }

    @Test
    void skippingRowsEqualsReadingThem() throws Exception {
        SourceSplit split =
                HuggingFaceArrow.open(HubFiles.of("saved"), null).splits().get(1);
        assertThat(HubFiles.afterSkipping(split)).isEqualTo(HubFiles.tails(split));
    }

    @Test
    void aFileThatIsCutOffIsRefusedBeforeWorkStarts() throws Exception {
        for (long length : new long[] {0, 3, 300, -100}) {
            Path cut = HubFiles.cut(HubFiles.of("saved/train/" + DATA), folder, length);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> HuggingFaceArrow.open(folder, null))
                    .withMessageStartingWith("damaged, cut off, or no Arrow file: " + cut);
        }
        Path cut = HubFiles.cut(HubFiles.of("file-format.arrow"), folder, -1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> HuggingFaceArrow.open(cut, null))
                .withMessageEndingWith("it begins as an Arrow file but does not end as one");
    }

    @Test
    void aListedFileThatIsMissingIsNamed() throws Exception {
        Files.copy(HubFiles.of("saved/train/state.json"), folder.resolve("state.json"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> HuggingFaceArrow.open(folder, null))
                .withMessageContaining("lists a file that is missing: " + folder.resolve(DATA));
    }
}

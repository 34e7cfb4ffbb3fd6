package org.capi.data.source.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.capi.data.source.Source;
import org.capi.data.source.Source.SourceSplit;
import org.capi.data.source.SourceRows;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ParquetFilesTest {

    private static final String TRAIN = "train-00000-of-00001.parquet";

    @TempDir
    Path folder;

    @Test
    void rowsHaveTheBytesAndClassNamesThatDatasetsWrote() throws Exception {
        Source source = ParquetFiles.open(HubFiles.of(TRAIN), null);
        assertThat(source.classes()).containsExactly("cat", "dog", "emu");
        assertThat(SourceRows.of(source))
                .containsExactly(
                        "train/" + TRAIN + ":0/0000.png [cat] ee4f7287",
                        "train/" + TRAIN + ":1/0001.png [dog] e0efb7ec",
                        "train/" + TRAIN + ":2/0002.png [emu] f1ebee01",
                        "train/" + TRAIN + ":3/0003.png [cat] 18e192fc",
                        "train/" + TRAIN + ":4/0004.png b14c3742");
    }

    @Test
    void skippingRowsEqualsReadingThem() throws Exception {
        for (String name : new String[] {TRAIN, "nulls.parquet"}) {
            SourceSplit split =
                    ParquetFiles.open(HubFiles.of(name), null).splits().get(0);
            assertThat(HubFiles.afterSkipping(split)).isEqualTo(HubFiles.tails(split));
        }
    }

    @Test
    void aRowWithoutBytesIsLookedUpByItsPath() throws Exception {
        Path file = Files.copy(HubFiles.of("nulls.parquet"), folder.resolve("nulls.parquet"));
        Files.createDirectories(folder.resolve("elsewhere"));
        Files.write(folder.resolve("elsewhere/a.png"), new byte[] {1, 2, 3});
        Source source = ParquetFiles.open(file, null);
        assertThat(SourceRows.of(source))
                .containsExactly(
                        "train/nulls.parquet:0 ee4f7287",
                        "train/nulls.parquet:1/a.png 55bc801d",
                        "train/nulls.parquet:2 ! no image: the row has neither bytes nor a path",
                        "train/nulls.parquet:3/d.png 18e192fc");
        assertThat(HubFiles.labels(source.splits().get(0))).containsExactly("7", "8", "9", "none");
    }

    @Test
    void aPathThatLeadsNowhereBreaksItsRowAlone() throws Exception {
        assertThat(SourceRows.of(ParquetFiles.open(HubFiles.of("nulls.parquet"), null))
                        .get(1))
                .startsWith("train/nulls.parquet:1/a.png ! missing file: the row has no bytes, and there is no ")
                .endsWith("a.png");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "wrong-image.parquet | the image column 'image' of | it is optional double image",
                "wrong-label.parquet | the label column 'label' of | must hold whole numbers or text, it is optional group label",
                "no-image.parquet | no image column in | optional binary text (STRING), optional int64 label",
                "brotli.parquet | the column image of | is compressed by BROTLI"
            })
    void aTableThatCannotBeUsedIsRefused(String name, String first, String second) throws URISyntaxException {
        Path file = HubFiles.of(name);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ParquetFiles.open(file, null))
                .withMessageContaining(first)
                .withMessageContaining(name)
                .withMessageContaining(second);
    }

    @Test
    void aFileThatIsCutOffIsRefusedBeforeWorkStarts() throws Exception {
        for (long length : new long[] {0, 3, 2000, -1}) {
            Path cut = HubFiles.cut(HubFiles.of(TRAIN), folder, length);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> ParquetFiles.open(folder, null))
                    .withMessageStartingWith("damaged, cut off, or no Parquet file: " + cut);
        }
    }

    @Test
    void aDamagedRowGroupBreaksItsOwnRowsOnly() throws Exception {
        byte[] bytes = Files.readAllBytes(HubFiles.of(TRAIN));
        for (int i = 4; i < 40; i++) {
            bytes[i] = (byte) 0xff; // the first page header
        }
        Files.write(folder.resolve(TRAIN), bytes);
        assertThat(SourceRows.of(ParquetFiles.open(folder, null)))
                .hasSize(5)
                .satisfies(rows ->
                        assertThat(rows.subList(0, 2)).allMatch(row -> row.contains(" ! damaged file: row group 0: ")))
                .endsWith(
                        "train/" + TRAIN + ":2/0002.png [emu] f1ebee01",
                        "train/" + TRAIN + ":3/0003.png [cat] 18e192fc",
                        "train/" + TRAIN + ":4/0004.png b14c3742");
    }

    @Test
    void filesAndFoldersAreNamedAfterSplits() throws Exception {
        for (String name :
                new String[] {"data/train-00000-of-00002", "data/train-00001-of-00002", "data/extra-00000-of-00001"}) {
            copy(name);
        }
        copy("data/validation-00000-of-00001-1a2b3c");
        Source source = ParquetFiles.open(folder, null);
        assertThat(source.splits()).extracting(SourceSplit::name).containsExactly("extra", "train", "val");
        assertThat(source.splits()).extracting(SourceSplit::entries).containsExactly(5L, 10L, 5L);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ParquetFiles.open(folder, "all"))
                .withMessageContaining("has extra, train, val");
    }

    @Test
    void aNameThatOnlyBeginsLikeASplitIsASplitOfItsOwn() throws Exception {
        copy("data/train-00000-of-00001");
        copy("data/train_small-00000-of-00001");
        copy("data/test_adversarial-00000-of-00001");
        Source source = ParquetFiles.open(folder, null);
        assertThat(source.splits())
                .extracting(SourceSplit::name)
                .containsExactly("test_adversarial", "train", "train_small");
        assertThat(source.splits()).extracting(SourceSplit::entries).containsExactly(5L, 5L, 5L);
        assertThat(source.notes()).isEmpty();
    }

    @Test
    void filesThatAreMissingByTheirNumbersAreNamed() throws Exception {
        copy("train-00000-of-00002");
        copy("test-00001-of-00009-1a2b3c");
        copy("test-00002-of-00009-3c2b1a");
        assertThat(ParquetFiles.open(folder, null).notes())
                .containsExactly(
                        "files are missing in " + folder
                                + ": of the 9 files test-*-of-00009.parquet there are 2, without number 0, 3, 4, 5, 6, ...",
                        "files are missing in " + folder
                                + ": of the 2 files train-*-of-00002.parquet there are 1, without number 1");
    }

    @Test
    void severalConfigurationsAreRefusedByName() throws Exception {
        copy("small/train/0000");
        copy("large/train/0000");
        copy("large/test/0000");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ParquetFiles.open(folder, null))
                .withMessageContaining("holds several configurations: large, small");
        assertThat(ParquetFiles.open(folder.resolve("large"), null).splits())
                .extracting(SourceSplit::name)
                .containsExactly("test", "train");
    }

    @Test
    void tablesOfOneSplitHaveTheSameColumns() throws Exception {
        Files.copy(HubFiles.of(TRAIN), folder.resolve("train-0.parquet"));
        Files.copy(HubFiles.of("nulls.parquet"), folder.resolve("train-1.parquet"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ParquetFiles.open(folder, null))
                .withMessageContaining("files of one split differ in their columns")
                .withMessageContaining("train-1.parquet has image 'img IMAGE', label 'label INTEGER'");
    }

    private void copy(String name) throws Exception {
        Path file = folder.resolve(name + ".parquet");
        Files.createDirectories(file.resolveSibling("."));
        Files.copy(HubFiles.of(TRAIN), file);
    }
}

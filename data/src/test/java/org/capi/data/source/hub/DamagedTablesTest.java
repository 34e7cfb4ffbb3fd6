package org.capi.data.source.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.capi.data.source.Source;
import org.capi.data.source.Source.SourceOptions;
import org.capi.data.source.Source.SourceSplit;
import org.capi.data.source.SourceRows;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DamagedTablesTest {

    private static final SourceOptions SKIPPING = new SourceOptions(null, true, true);
    private static final String SOUND = "train-00000-of-00001.parquet";
    private static final long MAX_BYTES = 64 << 20;

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "cyc.arrow | its schema has a cycle or shares fields",
                "dag20.arrow | its schema has a cycle or shares fields",
                "ovf.arrow | a record batch does not hold its column image",
                "hf-1-1337-s.arrow | a record batch has 549755813888 rows",
                "hf-1-5586-t.arrow | it has two columns with the name <>",
                "hf-1-73-t.arrow | its schema is damaged",
            })
    void aHostileArrowFileIsRefusedBeforeMuchIsAllocated(String name, String reason) throws Exception {
        Path file = copy("../cases/" + name);
        long before = allocated();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> HuggingFaceArrow.open(file, null))
                .withMessage("damaged, cut off, or no Arrow file: " + file + ": " + reason);
        assertThat(allocated() - before).isLessThan(MAX_BYTES);
    }

    @Test
    void aPageThatWouldGrowBeyondMeasureBreaksItsRowGroup() throws Exception {
        Source source = ParquetFiles.open(copy("../cases/bomb.parquet"), null);
        long before = allocated();
        assertThat(SourceRows.of(source))
                .containsExactly("train/bomb.parquet:0 ! damaged file: row group 0: a page of 32796 bytes would become"
                        + " 1073741770 bytes, more than 67371232");
        assertThat(allocated() - before).isLessThan(MAX_BYTES);
    }

    @Test
    void aPointerOfGitLfsIsNamed() throws Exception {
        Path file = copy("../cases/lfs_pointer.parquet");
        for (String name : new String[] {"a.parquet", "a.arrow", "a.tar"}) {
            Path pointer = Files.copy(file, folder.resolve(name));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> open(pointer))
                    .withMessage(pointer + " is a Git LFS pointer, not the file itself; run 'git lfs pull'");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"lfs_pointer.parquet", "cut.parquet"})
    void oneUnreadableFileIsLeftOutWhereThatIsWanted(String name) throws Exception {
        copy(SOUND);
        Path bad = folder.resolve(name);
        if (name.startsWith("lfs")) {
            copy("../cases/" + name);
        } else {
            Files.write(bad, new byte[] {1, 2, 3});
        }
        Source source = ParquetFiles.openWith(SKIPPING, folder);
        assertThat(source.splits()).extracting(SourceSplit::name).contains("train");
        List<String> rows = SourceRows.of(source);
        assertThat(rows).hasSize(6).contains("train/" + SOUND + ":0/0000.png [cat] ee4f7287");
        assertThat(rows.stream().filter(row -> row.contains(" ! ")))
                .singleElement()
                .asString()
                .contains("/" + name + " ! unreadable file: ")
                .contains(bad.toString());
        assertThatThrownBy(() -> ParquetFiles.open(folder, null)).hasMessageContaining(bad.toString());
    }

    @Test
    void unreadableFilesAloneAreRefused() throws Exception {
        Path cut = HubFiles.cut(HubFiles.of(SOUND), folder, 100);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ParquetFiles.openWith(SKIPPING, folder))
                .withMessage("damaged, cut off, or no Parquet file: " + cut + ": it does not end in PAR1");
    }

    @Test
    void anEncryptedFooterIsNamed() throws Exception {
        byte[] bytes = Files.readAllBytes(HubFiles.of(SOUND));
        bytes[bytes.length - 1] = 'E';
        Path file = Files.write(folder.resolve(SOUND), bytes);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ParquetFiles.open(file, null))
                .withMessageEndingWith(file + ": its footer is encrypted, which is not read");
    }

    @Test
    void aListThatIsLongerThanTheFooterIsRefused() throws Exception {
        byte[] bytes = Files.readAllBytes(HubFiles.of(SOUND));
        int length = ByteBuffer.wrap(bytes, bytes.length - 8, 4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .getInt();
        int schema = bytes.length - 8 - length + 2; // after the version, the head of the schema's list
        assertThat(bytes[schema] & 0xff).isEqualTo(0x19);
        bytes[schema + 1] = (byte) 0xfc;
        for (int i = 2; i < 6; i++) {
            bytes[schema + i] = (byte) 0xff;
        }
        bytes[schema + 6] = 7;
        Path file = Files.write(folder.resolve(SOUND), bytes);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ParquetFiles.open(file, null))
                .withMessageContaining(file + ": its footer has a list of 2147483647 values in ");
    }

    @ParameterizedTest
    @CsvSource({"dictionary.arrow, b a b b a d", "dictionary-numbers.arrow, 7 3 7 3 7 none"})
    void dictionaryEncodedLabelsOfArrowAreRead(String name, String labels) throws Exception {
        SourceSplit split =
                HuggingFaceArrow.open(HubFiles.of(name), null).splits().get(0);
        assertThat(HubFiles.labels(split)).containsExactly(labels.split(" "));
        assertThat(HubFiles.afterSkipping(split)).isEqualTo(HubFiles.tails(split));
    }

    @Test
    void dictionaryEncodedLabelsOfParquetAreRead() throws Exception {
        SourceSplit split = ParquetFiles.open(HubFiles.of("dictionary.parquet"), null)
                .splits()
                .get(0);
        assertThat(HubFiles.labels(split)).containsExactly("b", "a", "b", "c", "a", "none");
    }

    @Test
    void deltaEncodedPagesAreRead() throws Exception {
        SourceSplit split =
                ParquetFiles.open(HubFiles.of("delta.parquet"), null).splits().get(0);
        assertThat(HubFiles.labels(split)).containsExactly("0", "1", "2", "0", "1", "none");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../../secret.png", "/etc/hostname"})
    void aPathOutOfTheCollectionBreaksItsRow(String path) {
        assertThatThrownBy(() ->
                        new TableFile.ImageCell(null, path).content(folder).read())
                .isInstanceOf(IOException.class)
                .hasMessage("bad path: '" + path + "' is not a path below " + folder);
    }

    @ParameterizedTest
    @ValueSource(strings = {"../data.arrow", "/data.arrow"})
    void aListedFileOutOfTheFolderIsRefused(String name) throws Exception {
        Path state = folder.resolve("state.json");
        Files.writeString(state, "{\"_data_files\": [{\"filename\": \"" + name + "\"}]}");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> HuggingFaceArrow.open(folder, null))
                .withMessageStartingWith(state + " lists a file that is not read: '" + name + "' is not a path below ");
        Files.writeString(folder.resolve("dataset_dict.json"), "{\"splits\": [\"..\"]}");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> HuggingFaceArrow.open(folder, null))
                .withMessageContaining("'..' is not a path below ");
    }

    private Source open(Path file) throws IOException {
        String name = file.toString();
        return name.endsWith(".tar")
                ? WebDataset.open(file, null)
                : name.endsWith(".arrow") ? HuggingFaceArrow.open(file, null) : ParquetFiles.open(file, null);
    }

    private Path copy(String name) throws Exception {
        Path file = HubFiles.of(name);
        return Files.copy(file, folder.resolve(file.getFileName()));
    }

    private static long allocated() {
        return ((ThreadMXBean) ManagementFactory.getThreadMXBean())
                .getThreadAllocatedBytes(Thread.currentThread().getId());
    }
}

package org.capi.data.imports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.capi.data.Progress;
import org.capi.data.arrow.ImageDataset;
import org.capi.data.imports.Import.ImportedSplit;
import org.capi.data.source.Entry;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImportResumeTest {

    private static final int TRAIN = 40;
    private static final int VAL = 12;

    private static final ImportOptions OPTIONS =
            new ImportOptions(ImportOptions.OnError.SKIP, 0.5, 1 << 20, Set.of(), 1000, 2);

    private final Map<String, List<Entry>> entries = new LinkedHashMap<>();
    private final ListedSource source = ListedSource.of(entries);

    @TempDir
    Path folder;

    private Path to;

    @BeforeEach
    void setUp() {
        entries.put("train", ListedSource.images(TRAIN, 1));
        entries.put("val", ListedSource.images(VAL, 2));
        to = folder.resolve("to");
    }

    @Test
    void anImportThatFailedAnywhereGoesOnToTheSameBytes() throws IOException {
        Map<String, String> undisturbed = undisturbed();
        assertThat(undisturbed).hasSizeGreaterThan(10).containsKeys("train/dataset.json", "val/skipped.tsv");
        for (int at = 0; at < TRAIN + VAL; at++) {
            Path into = folder.resolve("to-" + at);
            ListedSource failing = source.failingAt(at);
            assertThatThrownBy(() -> run(failing, into)).hasMessageStartingWith("the collection cannot be read");
            assertThat(into.resolve("train")).doesNotExist();
            run(source, into);
            assertThat(FolderContents.of(into))
                    .as("after a failure at entry " + at)
                    .isEqualTo(undisturbed);
        }
    }

    @Test
    void anImportThatFailsAgainAndAgainGoesOnToTheSameBytes() throws IOException {
        for (int at = 5; at < TRAIN + VAL; at += 6) {
            ListedSource failing = source.failingAt(at);
            assertThatThrownBy(() -> run(failing, to)).isInstanceOf(IOException.class);
        }
        run(source, to);
        assertThat(FolderContents.of(to)).isEqualTo(undisturbed());
    }

    @Test
    void aFailureSaysWhatItHasKeptAndWhatIsKeptIsNotReadAgain() throws IOException {
        assertThatThrownBy(() -> run(source.failingAt(30), to))
                .hasMessageMatching("the collection cannot be read; \\d+ images are kept in " + to
                        + "/import.partial, and the same command continues from there");
        List<Long> done = new ArrayList<>();
        Import.run(source, to, OPTIONS, (ready, total) -> done.add(ready));
        assertThat(done.get(0)).isGreaterThan(10);
        assertThat(done.get(done.size() - 1)).isEqualTo(TRAIN + VAL);
    }

    @Test
    void aFailureBeforeTheFirstShardLeavesNothing() {
        assertThatThrownBy(() -> run(source.failingAt(1), to)).hasMessage("the collection cannot be read");
        assertThat(to).doesNotExist();
    }

    @Test
    void anUnfinishedImportIsNoDataset() {
        assertThatThrownBy(() -> run(source.failingAt(30), to)).isInstanceOf(IOException.class);
        for (String name : List.of(to.toString(), to + ":train")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> ImageDataset.open(name))
                    .withMessageContaining("an import was not finished there (" + to.resolve("import.partial") + ")");
        }
    }

    @Test
    void anImportOfSomethingElseIsRefusedWhileOneIsUnfinished() throws IOException {
        assertThatThrownBy(() -> run(source.failingAt(30), to)).isInstanceOf(IOException.class);
        var other = new ListedSource("another", entries, List.of(), ListedSource.NEVER);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> run(other, to))
                .withMessage("another import was not finished in " + to.resolve("import.partial")
                        + ": it is of listed, this one of another; finish that one, or delete that folder");
        var smallShards = new ImportOptions(ImportOptions.OnError.SKIP, 0.5, 1 << 20, Set.of(), 7, 2);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Import.run(source, to, smallShards, (done, total) -> {}))
                .withMessageContaining("its shards have 1000 bytes (--shard-mb), this one's 7");
        run(source, to);
        assertThat(FolderContents.of(to)).isEqualTo(undisturbed());
    }

    @Test
    void aCollectionThatChangedMeanwhileIsRefused() {
        assertThatThrownBy(() -> run(source.failingAt(30), to)).isInstanceOf(IOException.class);
        Objects.requireNonNull(entries.get("train")).add(0, ListedSource.broken("new"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> run(source, to))
                .withMessageStartingWith("the collection has changed since its import was started: entry ")
                .withMessageContaining(" of the split train was image ");
        assertThat(to.resolve("import.partial/train/shard-00000.arrow")).exists();
    }

    @Test
    void theAllowanceForSkippedImagesMayBeRaised() throws IOException {
        Collections.reverse(entries.get("train"));
        var strict = new ImportOptions(ImportOptions.OnError.SKIP, 0.05, 1 << 20, Set.of(), 1000, 2);
        assertThatThrownBy(() -> Import.run(source, to, strict, (done, total) -> {}))
                .hasMessageStartingWith("3 of 52 images cannot be read, more than --max-skipped 0.05 allows")
                .hasMessageEndingWith("and the same command continues from there");
        run(source, to);
        assertThat(FolderContents.of(to)).isEqualTo(undisturbed());
    }

    @Test
    void aStopBetweenTheMovesOfTwoSplitsIsHealed() throws IOException {
        Path obstacle = to.resolve("val/obstacle");
        Progress late = (done, total) -> {
            if (done == total) {
                make(obstacle);
            }
        };
        assertThatThrownBy(() -> Import.run(source, to, OPTIONS, late)).isInstanceOf(IOException.class);
        assertThat(to.resolve("train/dataset.json")).exists();
        assertThat(to.resolve("import.partial/val/dataset.json")).exists();
        Files.delete(obstacle);
        Files.delete(obstacle.getParent());
        assertThat(run(source, to)).extracting(ImportedSplit::name).containsExactly("train", "val");
        assertThat(FolderContents.of(to)).isEqualTo(undisturbed());
    }

    @Test
    void aDamagedJournalIsNamedAndNothingIsLost() throws IOException {
        assertThatThrownBy(() -> run(source.failingAt(30), to)).isInstanceOf(IOException.class);
        Path partial = to.resolve("import.partial");
        Files.writeString(partial.resolve("journal.json"), "{\"complete\": fa");
        assertThatThrownBy(() -> run(source, to))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("damaged " + partial.resolve("journal.json"))
                .hasMessageEndingWith("delete " + partial + " to start again");
        assertThat(partial.resolve("train/shard-00000.arrow")).exists();
    }

    @Test
    void twoImportsDoNotWorkInOneFolder() throws IOException {
        List<String> said = new ArrayList<>();
        Import.run(source, to, OPTIONS, (done, total) -> {
            if (done == 20) {
                assertThatThrownBy(() -> run(source, to)).isInstanceOf(IllegalStateException.class);
                said.add("refused");
            }
        });
        assertThat(said).containsExactly("refused");
        assertThat(FolderContents.of(to)).isEqualTo(undisturbed());
    }

    private static List<ImportedSplit> run(ListedSource source, Path to) throws IOException {
        return Import.run(source, to, OPTIONS, (done, total) -> {});
    }

    private Map<String, String> undisturbed() throws IOException {
        Path into = folder.resolve("undisturbed");
        run(source, into);
        return FolderContents.of(into);
    }

    private static void make(Path file) {
        try {
            Files.createDirectories(file.getParent());
            Files.createFile(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

package org.capi.data.imports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.capi.data.files.DurableFile;
import org.capi.data.imports.Import.ImportedSplit;
import org.capi.data.source.Entry;
import org.capi.fuzz.MutatedFiles;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JournalTest {

    private static final ImportOptions OPTIONS =
            new ImportOptions(ImportOptions.OnError.SKIP, 0.5, 1 << 20, Set.of(), 1000, 2);
    private static final int COPIES = Integer.getInteger("capi.fuzz.copies", 150);

    private final Map<String, List<Entry>> entries = new LinkedHashMap<>();
    private final ListedSource source = ListedSource.of(entries);

    @TempDir
    Path folder;

    private Path to;
    private Path partial;
    private Path journal;
    private Path outside;

    @BeforeEach
    void stopAnImport() throws IOException {
        entries.put("train", ListedSource.images(20, 1));
        entries.put("val", ListedSource.images(5, 2));
        to = folder.resolve("to");
        partial = to.resolve("import.partial");
        journal = partial.resolve("journal.json");
        assertThatThrownBy(() -> run(source.failingAt(15))).isInstanceOf(IOException.class);
        outside = Files.writeString(folder.resolve(".bashrc"), "mine");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"split\" : \"train\" | \"split\" : \"../../.bashrc\" | a split's name is made of letters, digits, '_' and '-', was '../../.bashrc'",
                "\"split\" : \"train\" | \"split\" : \"val\" | its part val should be the split train",
                "\"file\" : \"shard-00000.arrow\" | \"file\" : \"../../../.bashrc\" | '../../../.bashrc' is not the name of a file",
                "\"file\" : \"shard-00000.arrow\" | \"file\" : \"lock\" | shard 0 of the split train should be shard-00000.arrow",
                "\"classes\" : [ \"class | \"classes\" : [ null, \"class | a value is null",
                "\"complete\" : false | \"complete\" : true | it has 1 parts for 2 splits",
            })
    void aNameThatThisProgramDoesNotWriteIsRefused(String written, String forged, String reason) throws IOException {
        String text = Files.readString(journal);
        assertThat(text).contains(written);
        Files.writeString(journal, text.replaceFirst(Pattern.quote(written), forged));
        Map<String, String> before = FolderContents.of(to);
        assertThatThrownBy(() -> run(source))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("damaged " + journal + ": " + reason + "; delete " + partial + " to start again");
        assertThat(FolderContents.of(to)).isEqualTo(before);
        assertThat(outside).hasContent("mine");
    }

    @Test
    void nothingIsMovedForAnImportOfSomethingElse() throws IOException {
        run(source);
        Files.createDirectories(partial);
        Files.move(to.resolve("train"), partial.resolve("train"));
        Files.writeString(journal, complete());
        Files.createFile(partial.resolve("lock"));
        Map<String, String> before = FolderContents.of(to);
        var other = new ListedSource("another", entries, List.of(), ListedSource.NEVER);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> run(other))
                .withMessage("another import was not finished in " + partial
                        + ": it is of listed, this one of another; finish that one, or delete that folder");
        assertThat(FolderContents.of(to)).isEqualTo(before);
        run(source);
        assertThat(to.resolve("train/dataset.json")).exists();
        assertThat(partial).doesNotExist();
    }

    @Test
    void aMoveDoesNotReplaceWhatIsThere() throws IOException {
        run(source);
        Files.createDirectories(partial);
        Files.move(to.resolve("train"), partial.resolve("train"));
        Files.writeString(journal, complete());
        Files.writeString(to.resolve("train"), "mine");
        assertThatThrownBy(() -> run(source))
                .isInstanceOf(IOException.class)
                .hasMessage("the split train exists already in " + to);
        assertThat(to.resolve("train")).hasContent("mine");
        assertThat(partial.resolve("train/dataset.json")).exists();
    }

    @Test
    void aSymbolicLinkIsNotFollowed() throws IOException {
        Path elsewhere = Files.createDirectories(folder.resolve("elsewhere"));
        Files.writeString(elsewhere.resolve("file"), "mine");
        Files.move(partial.resolve("train"), folder.resolve("saved"));
        Files.createSymbolicLink(partial.resolve("train"), elsewhere);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> run(source))
                .withMessage(partial.resolve("train") + " is a symbolic link, an import does not work there");
        Path other = Files.createDirectories(folder.resolve("other"));
        Files.createSymbolicLink(other.resolve("import.partial"), elsewhere);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Import.run(source, other, OPTIONS, (done, total) -> {}))
                .withMessage(other.resolve("import.partial") + " is a symbolic link, an import does not work there");
        assertThat(elsewhere.resolve("file")).hasContent("mine");
        assertThat(elsewhere).isDirectoryNotContaining("glob:**/lock");
    }

    @Test
    @Tag("slow")
    void aMutatedJournalIsUsedOrRefusedAndNothingOutsideIsTouched() throws IOException {
        Path kept = folder.resolve("kept");
        copy(to, kept);
        Path original = kept.resolve("import.partial/journal.json");
        MutatedFiles.parseAll(List.of(original), folder, COPIES, 256L << 20, file -> {
            DurableFile.deleteTree(to);
            copy(kept, to);
            Files.copy(file, journal, StandardCopyOption.REPLACE_EXISTING);
            try {
                run(source);
            } catch (IllegalStateException e) {
                throw new IOException(e.getMessage(), e); // a file that is damaged, in one line too
            } finally {
                assertThat(outside).hasContent("mine");
            }
        });
    }

    private List<ImportedSplit> run(ListedSource from) throws IOException {
        return Import.run(from, to, OPTIONS, (done, total) -> {});
    }

    /** The journal of this import when all is written, as a stop between two moves leaves it. */
    private String complete() throws IOException {
        Path again = folder.resolve("again");
        try {
            Import.run(source, again, OPTIONS, (done, total) -> {
                if (done == total) {
                    make(again.resolve("val"));
                }
            });
        } catch (IOException e) {
            return Files.readString(again.resolve("import.partial/journal.json"));
        }
        throw new AssertionError("the import was not stopped");
    }

    private static void make(Path obstacle) {
        try {
            Files.createDirectories(obstacle);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (var files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }
}

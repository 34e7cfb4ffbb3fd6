package org.capi.data.imports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.capi.data.arrow.DatasetInfo;
import org.capi.data.arrow.ImageDataset;
import org.capi.data.imports.Import.ImportedSplit;
import org.capi.data.source.Entry;
import org.capi.data.source.Entry.Label;
import org.capi.data.source.Source;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImportTest {

    @TempDir
    Path folder;

    @Test
    void everythingThatIsLeftOutIsListedWithItsReason() throws IOException {
        List<Entry> entries = new ArrayList<>();
        entries.add(image("good", "a"));
        for (int i = 0; i < 30; i++) {
            entries.add(ListedSource.broken("bad\t" + i));
        }
        DatasetInfo info = run(entries, ImportOptions.skipping(1)).get(0).info();
        assertThat(Files.readAllLines(folder.resolve("to/train/skipped.tsv")))
                .hasSize(30)
                .startsWith("bad\\t0\tis not an image: not", "bad\\t1\tis not an image: not");
        assertThat(info.skipped().images()).isEqualTo(30);
        assertThat(info.skipped().reasons()).isEqualTo(Map.of("is not an image", 30L));
        assertThat(info.skipped().examples()).hasSize(20);
        assertThat(info.skippedList()).isEqualTo(DatasetInfo.ListInfo.of(folder.resolve("to/train/skipped.tsv")));
    }

    @Test
    void whereNothingIsLeftOutThereIsNoList() throws IOException {
        DatasetInfo info =
                run(List.of(image("good", "a")), ImportOptions.strict()).get(0).info();
        assertThat(info.skippedList()).isNull();
        assertThat(folder.resolve("to/train/skipped.tsv")).doesNotExist();
        assertThat(folder.resolve("to/import.partial")).doesNotExist();
    }

    @Test
    void aStrictImportStopsAtTheFirstAndNamesIt() {
        List<Entry> entries = List.of(image("good", "a"), ListedSource.broken("bad"), image("fine", "a"));
        assertThatThrownBy(() -> run(entries, ImportOptions.strict()))
                .isInstanceOf(IOException.class)
                .hasMessage("cannot import bad: is not an image: not");
        assertThat(folder.resolve("to")).doesNotExist();
    }

    @Test
    void classesAreCountedAndMatchedByNameAcrossSplits() throws IOException {
        var train = ListedSource.of(Map.of("train", List.of(image("1", "cat"), image("2", "dog"), image("3", "dog"))));
        var val = ListedSource.of(Map.of("val", List.of(image("4", "emu"), image("5", "dog"), image("6", "ant"))));
        Import.run(train, folder.resolve("to"), ImportOptions.strict(), (done, total) -> {});
        DatasetInfo trained = DatasetInfo.read(folder.resolve("to/train"));
        DatasetInfo info = Import.run(val, folder.resolve("to"), ImportOptions.strict(), (done, total) -> {})
                .get(0)
                .info();
        assertThat(trained.classCounts()).containsExactly(1L, 2L);
        assertThat(info.classes()).containsExactly("cat", "dog", "emu", "ant");
        assertThat(info.classCounts()).containsExactly(0L, 1L, 1L, 1L);
        assertThat(Import.missingClasses(trained, info)).containsExactly("emu", "ant");
        assertThat(Import.missingClasses(info, trained)).containsExactly("cat");
    }

    @Test
    void classesThatDifferOnlyInCaseStayTwo() throws IOException {
        run(List.of(image("1", "Cat"), image("2", "cat")), ImportOptions.strict());
        DatasetInfo info = DatasetInfo.read(folder.resolve("to/train"));
        assertThat(info.classes()).containsExactly("Cat", "cat");
        assertThat(info.classCounts()).containsExactly(1L, 1L);
    }

    @Test
    void classesThatDifferOnlyInCaseAreNamed() {
        assertThat(Import.differingInCase(List.of("dog", "Cat", "emu", "cat", "CAT", "Emu")))
                .containsExactly("CAT, Cat, cat", "Emu, emu");
        assertThat(Import.differingInCase(List.of("dog", "cat"))).isEmpty();
    }

    /** On the usual file systems of macOS and Windows, Extra and extra are one folder. */
    @Test
    void splitsThatDifferOnlyInCaseAreRefused() throws IOException {
        Path to = folder.resolve("to");
        var both = ListedSource.of(Map.of("Extra", List.of(image("1", "a")), "extra", List.of(image("2", "a"))));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Import.run(both, to, ImportOptions.strict(), (done, total) -> {}))
                .withMessageMatching("the splits (Extra and extra|extra and Extra) differ only in case, .*");
        assertThat(to).doesNotExist();

        Import.run(
                ListedSource.of(Map.of("extra", List.of(image("1", "a")))), to, ImportOptions.strict(), (d, t) -> {});
        var other = ListedSource.of(Map.of("Extra", List.of(image("2", "a"))));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Import.run(other, to, ImportOptions.strict(), (done, total) -> {}))
                .withMessageStartingWith("the splits extra and Extra differ only in case, ");
        assertThat(to.resolve("Extra")).doesNotExist();
    }

    @Test
    void numberedClassesKeepTheirNumbers() throws IOException {
        run(List.of(numbered("a", 3), numbered("b", 0), numbered("c", 3)), ImportOptions.strict());
        try (ImageDataset dataset = ImageDataset.open(folder.resolve("to"))) {
            assertThat(dataset.classes()).containsExactly("0", "1", "2", "3");
            assertThat(dataset.get(0).label()).isEqualTo(3);
            assertThat(dataset.get(1).label()).isZero();
        }
    }

    @Test
    void aClassNumberBeyondReasonLeavesItsImageOut() throws IOException {
        var entries = List.of(numbered("a", 0), numbered("b", Integer.MAX_VALUE));
        DatasetInfo info = run(entries, ImportOptions.skipping(0.5)).get(0).info();
        assertThat(info.skipped().examples())
                .containsExactly("b: the class number is too large: 2147483647, at most 1000000");
    }

    @Test
    void anImageAboveTheLimitOfPixelsIsLeftOut() throws IOException {
        var options = ImportOptions.skipping(0.5);
        var limited = new ImportOptions(
                options.onError(), 0.5, 80, options.ignored(), options.shardBytes(), options.threads());
        var entries = List.of(ListedSource.image("small", Label.NONE, 0), ListedSource.image("large", Label.NONE, 4));
        DatasetInfo info = run(entries, limited).get(0).info();
        assertThat(info.images()).isEqualTo(1);
        assertThat(info.skipped().examples().get(0)).startsWith("large: too large: 9 x 11 pixels, at most 80 ");
    }

    @Test
    void ignoredLabelsAreKeptInTheDescription() throws IOException {
        var options = ImportOptions.strict().ignoring(Set.of(255, 0));
        DatasetInfo info = run(List.of(image("1", "a")), options).get(0).info();
        assertThat(info.ignoreLabels()).containsExactly(0, 255);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ImportOptions.strict().ignoring(Set.of(256)))
                .withMessage("--ignore takes values of label maps, which are from 0 to 255, was 256");
    }

    @Test
    void noMoreThanAFewEntriesAreHeldAtOnce() throws IOException {
        var read = new AtomicInteger();
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            Entry image = ListedSource.image("image " + i, Label.NONE, i);
            entries.add(Entry.of(
                    image.name(),
                    () -> {
                        read.incrementAndGet();
                        return image.image().read();
                    },
                    Label.NONE));
        }
        Source source = ListedSource.of(Map.of("train", entries));
        Import.run(
                source,
                folder.resolve("to"),
                ImportOptions.strict(),
                (done, total) -> assertThat(read.get() - done)
                        .isLessThanOrEqualTo(4L * Runtime.getRuntime().availableProcessors()));
    }

    @Test
    void aDatasetFolderThatIsAFileOrASplitIsRefused() throws IOException {
        Files.writeString(folder.resolve("to"), "a file");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> run(List.of(image("1", "a")), ImportOptions.strict()))
                .withMessage("the dataset folder " + folder.resolve("to") + " is a file");
        Files.delete(folder.resolve("to"));
        run(List.of(image("1", "a")), ImportOptions.strict());
        var source = ListedSource.of(Map.of("train", List.of(image("1", "a"))));
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        Import.run(source, folder.resolve("to/train"), ImportOptions.strict(), (done, total) -> {}))
                .withMessageContaining("is itself a split of a dataset");
    }

    @Test
    void aSplitWithoutAnySoundImageIsAnError() {
        assertThatThrownBy(() -> run(List.of(ListedSource.broken("bad")), ImportOptions.skipping(1)))
                .hasMessage("the split train has no readable image; left out: {is not an image=1}");
        assertThat(folder.resolve("to")).doesNotExist();
    }

    private List<ImportedSplit> run(List<Entry> entries, ImportOptions options) throws IOException {
        return Import.run(
                ListedSource.of(Map.of("train", entries)), folder.resolve("to"), options, (done, total) -> {});
    }

    private static Entry image(String name, String label) {
        return ListedSource.image(name, new Label.Named(label), name.hashCode());
    }

    private static Entry numbered(String name, int number) {
        return ListedSource.image(name, new Label.Numbered(number), number % 100);
    }
}

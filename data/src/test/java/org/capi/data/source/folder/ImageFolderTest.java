package org.capi.data.source.folder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.capi.data.TestImages;
import org.capi.data.arrow.DatasetInfo;
import org.capi.data.arrow.ImageDataset;
import org.capi.data.arrow.ImageRecord;
import org.capi.data.imports.Import;
import org.capi.data.imports.Import.ImportedSplit;
import org.capi.data.imports.ImportOptions;
import org.capi.data.source.Entry;
import org.capi.data.source.Source.SourceSplit;
import org.capi.data.source.SourceRows;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageFolderTest {

    @TempDir
    Path folder;

    private Path from;
    private Path to;

    @BeforeEach
    void setUp() {
        from = folder.resolve("from");
        to = folder.resolve("to");
    }

    @Test
    void aFolderForEachClassBecomesLabelsInTheOrderOfNames() throws IOException {
        image("zebra/1.png", 1);
        image("10/b.jpg", 2);
        image("10/a.JPG", 3);
        image("2/deep/er/c.png", 4);
        importAll();
        try (ImageDataset dataset = ImageDataset.open(to)) {
            assertThat(dataset.folder()).isEqualTo(to.resolve("train"));
            assertThat(dataset.classes()).containsExactly("10", "2", "zebra");
            assertThat(rows(dataset)).containsExactly("10/a.JPG 0", "10/b.jpg 0", "2/deep/er/c.png 1", "zebra/1.png 2");
            assertThat(dataset.get(3).encoded()).isEqualTo(ByteBuffer.wrap(TestImages.png(9, 12, 1)));
            assertThat(dataset.get(3).width()).isEqualTo(12);
            assertThat(dataset.get(3).height()).isEqualTo(9);
        }
    }

    @Test
    void aFlatFolderHasNoLabels() throws IOException {
        image("b.png", 1);
        image("a.png", 2);
        file("notes.txt", "not an image");
        importAll();
        try (ImageDataset dataset = ImageDataset.open(to)) {
            assertThat(dataset.classes()).isEmpty();
            assertThat(rows(dataset)).containsExactly("a.png -1", "b.png -1");
            assertThat(dataset.info().skipped()).isEqualTo(DatasetInfo.Skipped.NONE);
        }
    }

    @Test
    void childrenNamedLikeSplitsAreSplitsAndShareTheirClasses() throws IOException {
        image("training/cat/1.png", 1);
        image("training/dog/2.png", 2);
        image("validation/dog/3.png", 3);
        image("validation/emu/4.png", 4);
        file("README.txt", "about");
        List<ImportedSplit> imported = importAll();
        assertThat(imported).extracting(ImportedSplit::name).containsExactly("train", "val");
        try (ImageDataset train = ImageDataset.open(to.resolve("train"));
                ImageDataset val = ImageDataset.open(to + ":val")) {
            assertThat(rows(train)).containsExactly("cat/1.png 0", "dog/2.png 1");
            assertThat(rows(val)).containsExactly("dog/3.png 1", "emu/4.png 2");
            assertThat(train.classes()).isEqualTo(val.classes()).containsExactly("cat", "dog", "emu");
        }
    }

    @Test
    void aSplitAddedLaterKeepsTheLabelsOfTheFirst() throws IOException {
        image("first/cat/1.png", 1);
        image("first/dog/2.png", 2);
        image("second/bee/3.png", 3);
        image("second/dog/4.png", 4);
        Import.run(ImageFolder.open(from.resolve("first"), "train"), to, ImportOptions.strict(), (done, total) -> {});
        Import.run(ImageFolder.open(from.resolve("second"), "extra"), to, ImportOptions.strict(), (done, total) -> {});
        try (ImageDataset extra = ImageDataset.open(to + ":extra")) {
            assertThat(extra.classes()).containsExactly("cat", "dog", "bee");
            assertThat(rows(extra)).containsExactly("bee/3.png 2", "dog/4.png 1");
        }
        var again = ImageFolder.open(from.resolve("second"), "extra");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Import.run(again, to, ImportOptions.strict(), (done, total) -> {}))
                .withMessage("the split extra exists already in " + to);
    }

    @Test
    void unreadableImagesAreLeftOutCountedAndNamed() throws IOException {
        for (int i = 0; i < 6; i++) {
            image("cat/" + i + ".png", i);
        }
        file("cat/7_empty.jpg", "");
        file("cat/8_text.jpg", "hello, I am text");
        byte[] jpeg = TestImages.jpeg(40, 40);
        bytes("cat/9_cut.jpg", Arrays.copyOf(jpeg, jpeg.length / 2));
        image("beside.png", 3);
        Files.createSymbolicLink(from.resolve("cat/broken.png"), Path.of("nowhere.png"));
        List<Long> progress = new ArrayList<>();
        var imported = Import.run(ImageFolder.open(from), to, ImportOptions.skipping(0.5), (done, total) -> {
            assertThat(total).isEqualTo(11);
            progress.add(done);
        });
        DatasetInfo info = imported.get(0).info();
        assertThat(info.images()).isEqualTo(6);
        assertThat(progress).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L, 11L);
        assertThat(info.skipped().images()).isEqualTo(5);
        assertThat(info.skipped().reasons())
                .isEqualTo(Map.of(
                        "the file is empty", 1L,
                        "not a JPEG, PNG, GIF, BMP, WebP or TIFF", 1L,
                        "cannot be decoded", 1L,
                        "is next to the class folders", 1L,
                        "the file is missing or a broken link", 1L));
        assertThat(info.skipped().examples())
                .anySatisfy(example -> assertThat(example).startsWith("cat/9_cut.jpg: cannot be decoded: "));
    }

    @Test
    void tooManyUnreadableImagesStopTheImportAndLeaveNothing() throws IOException {
        image("cat/1.png", 1);
        image("cat/2.png", 1);
        image("cat/3.png", 1);
        file("cat/4.jpg", "text");
        var source = ImageFolder.open(from);
        assertThatThrownBy(() -> Import.run(source, to, ImportOptions.skipping(0.2), (done, total) -> {}))
                .isInstanceOf(IOException.class)
                .hasMessage("1 of 4 images cannot be read, more than --max-skipped 0.2 allows; the last: cat/4.jpg: "
                        + "not a JPEG, PNG, GIF, BMP, WebP or TIFF");
        assertThat(to).doesNotExist();
    }

    @Test
    void aStrictImportStopsAtTheFirstUnreadableImage() throws IOException {
        image("cat/1.png", 1);
        file("cat/2.jpg", "");
        var source = ImageFolder.open(from);
        assertThatThrownBy(() -> Import.run(source, to, ImportOptions.strict(), (done, total) -> {}))
                .isInstanceOf(IOException.class)
                .hasMessage("cannot import cat/2.jpg: the file is empty");
        assertThat(to).doesNotExist();
    }

    @Test
    void aMissingFolderAFileAndAFolderWithoutImagesAreRefused() throws IOException {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ImageFolder.open(from))
                .withMessage("no such folder: " + from);
        file("cat/notes.txt", "no image");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ImageFolder.open(from))
                .withMessageContaining("no image files in " + from);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ImageFolder.open(from.resolve("cat/notes.txt")))
                .withMessageStartingWith("not a folder: ");
        image("train/cat/1.png", 1);
        image("training/cat/1.png", 1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ImageFolder.open(from))
                .withMessageContaining("would both be the split train");
    }

    @Test
    void aClassFolderNamedLikeASplitBesideOthersIsRefusedUntilItIsSaidWhatItIs() throws IOException {
        for (String name : List.of("bus", "car", "train", "truck")) {
            image(name + "/1.png", 1);
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ImageFolder.open(from))
                .withMessage(
                        from + " has folders of splits (train) next to other folders with images (bus, car, truck): "
                                + "--split train takes every folder as a class of one split; else give the folder of one split");
        var source = ImageFolder.open(from, "train");
        assertThat(source.classes()).containsExactly("bus", "car", "train", "truck");
        assertThat(SourceRows.entries(source.splits().get(0), 0))
                .extracting(Entry::name)
                .containsExactly("bus/1.png", "car/1.png", "train/1.png", "truck/1.png");
    }

    @ParameterizedTest
    @CsvSource({"train, valid, test", "Training, Dev, TESTING", "TRAIN, validation, Test"})
    void splitsHaveSeveralNamesInCapitalsOrNot(String train, String val, String test) throws IOException {
        image(train + "/cat/0.png", 0);
        image(val + "/cat/1.png", 1);
        image(test + "/dog/2.png", 2);
        image("beside.png", 3);
        var source = ImageFolder.open(from);
        assertThat(source.splits()).extracting(SourceSplit::name).containsExactly("test", "train", "val");
        assertThat(source.splits()).extracting(SourceSplit::entries).containsExactly(1L, 1L, 1L);
        assertThat(source.classes()).containsExactly("cat", "dog");
        assertThat(source.notes())
                .containsExactly("images next to the folders of the splits, skipped in " + from + ": 1 (beside.png)");
    }

    @Test
    void anEmptyFolderOfASplitBesideClassesIsNoSplit() throws IOException {
        image("cat/1.png", 1);
        file("test/list.txt", "nothing");
        var source = ImageFolder.open(from);
        assertThat(source.classes()).containsExactly("cat");
        assertThat(source.splits()).extracting(SourceSplit::name).containsExactly("train");
    }

    @Test
    void foldersOfASystemAreNoClassesAndSkippedFilesAreCounted() throws IOException {
        image("cat/0.png", 0);
        image("dog/1.png", 1);
        for (String folder : List.of(
                "@eaDir", "__MACOSX", ".thumbnails", ".ipynb_checkpoints", "lost+found", "$RECYCLE.BIN", "#recycle")) {
            image(folder + "/x.png", 2);
        }
        image("cat/@eaDir/0.png/SYNOPHOTO_THUMB_XL.png", 3);
        image("cat/._0.png", 3);
        file("cat/Thumbs.db", "");
        file("cat/.DS_Store", "");
        file("dog/3.jpg?w=640", "");
        file("dog/4.jpg_large", "");
        file("dog/noext", "");
        file("readme", "");
        var source = ImageFolder.open(from);
        assertThat(source.classes()).containsExactly("cat", "dog");
        assertThat(source.splits().get(0).entries()).isEqualTo(2);
        assertThat(source.notes())
                .containsExactly(
                        "files that are not named like images, skipped in " + from
                                + ": 4 (readme, dog/3.jpg?w=640, dog/4.jpg_large, ...)",
                        "hidden folders and those of a system, skipped in " + from
                                + ": 8 (#recycle, $RECYCLE.BIN, .ipynb_checkpoints, ...)",
                        "hidden images, skipped in " + from + ": 1 (cat/._0.png)");
    }

    @Test
    void hiddenFilesArchiveLeftoversAndCirclesOfLinksAreIgnored() throws IOException {
        image("cat/1.png", 1);
        image("cat/._1.png", 2);
        image("__MACOSX/cat/2.png", 2);
        image(".hidden/3.png", 3);
        Files.createSymbolicLink(from.resolve("cat/loop"), Path.of(".."));
        Files.createSymbolicLink(from.resolve("linked"), Path.of("cat"));
        importAll();
        try (ImageDataset dataset = ImageDataset.open(to)) {
            assertThat(rows(dataset)).containsExactly("cat/1.png 0", "linked/1.png 1");
        }
    }

    private List<ImportedSplit> importAll() throws IOException {
        return Import.run(ImageFolder.open(from), to, ImportOptions.strict(), (done, total) -> {});
    }

    private static List<String> rows(ImageDataset dataset) throws IOException {
        List<String> rows = new ArrayList<>();
        for (long row = 0; row < dataset.size(); row++) {
            ImageRecord image = dataset.get(row);
            rows.add(image.name() + " " + image.label());
        }
        return rows;
    }

    private void image(String name, long seed) throws IOException {
        bytes(name, TestImages.png(9, 12, seed));
    }

    private void file(String name, String content) throws IOException {
        bytes(name, content.getBytes(StandardCharsets.UTF_8));
    }

    private void bytes(String name, byte[] content) throws IOException {
        Path file = from.resolve(name);
        Files.createDirectories(file.getParent());
        Files.write(file, content);
    }
}

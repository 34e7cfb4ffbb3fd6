package org.capi.data.source.folder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.capi.data.TestImages;
import org.capi.data.TestLabelMaps;
import org.capi.data.source.Source;
import org.capi.data.source.Source.SourceSplit;
import org.capi.data.source.SourceRows;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SegmentationFolderTest {

    private static final byte[] IMAGE = TestImages.jpeg(6, 7);
    private static final byte[] MAP = TestLabelMaps.palette(6, 7, 8, 3);

    @TempDir
    Path folder;

    @Test
    void theLayoutOfAde20kHasSplitsAndNestedFolders() throws IOException {
        image("images/training/a/1.jpg");
        map("annotations/training/a/1.png");
        image("images/training/2.JPG");
        map("annotations/training/2.PNG");
        image("images/validation/3.png");
        map("annotations/validation/3.png");
        assertThat(SourceRows.of(SegmentationFolder.open(folder)))
                .containsExactly("train/2.JPG " + pair(), "train/a/1.jpg " + pair(), "val/3.png " + pair());
    }

    @Test
    void theLayoutOfVocHasListsAndTrainvalOnlyInTheirPlace() throws IOException {
        for (String stem : List.of("2007_1", "2007_2", "2007_3")) {
            image("JPEGImages/" + stem + ".jpg");
            map("SegmentationClass/" + stem + ".png");
        }
        image("JPEGImages/unlisted.jpg");
        text("ImageSets/Segmentation/trainval.txt", "2007_1\n2007_2\n2007_3\n");
        assertThat(splits(SegmentationFolder.open(folder))).containsExactly("trainval");
        text("ImageSets/Segmentation/train.txt", "2007_3\n2007_1\r\n\n");
        text("ImageSets/Segmentation/val.txt", "2007_2\ngone\n");
        var source = SegmentationFolder.open(folder);
        assertThat(SourceRows.of(source))
                .containsExactly(
                        "train/2007_3.jpg " + pair(),
                        "train/2007_1.jpg " + pair(),
                        "val/2007_2.jpg " + pair(),
                        "val/gone.jpg ! no label map: there is no " + folder.resolve("SegmentationClass/gone.png"));
        assertThat(SourceRows.entries(source.splits().get(0), 1)).hasSize(1);
        assertThat(splits(SegmentationFolder.open(folder, "val"))).containsExactly("val");
        assertThatThrownBy(() -> SegmentationFolder.open(folder, "test"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(folder + " has lists of its splits, and of [train, val] none is the split test");
    }

    @Test
    void aPairOfFoldersMayLieInEachSplit() throws IOException {
        image("train/img/1.jpg");
        map("train/mask/1.png");
        image("test/img/2.jpg");
        map("test/mask/2.png");
        assertThat(SourceRows.of(SegmentationFolder.open(folder)))
                .containsExactly("test/2.jpg " + pair(), "train/1.jpg " + pair());
    }

    @Test
    void withoutSplitsAllImagesAreOne() throws IOException {
        image("imgs/1.jpg");
        map("labels/1.png");
        assertThat(SourceRows.of(SegmentationFolder.open(folder))).containsExactly("train/1.jpg " + pair());
        assertThat(splits(SegmentationFolder.open(folder, "all"))).containsExactly("all");
    }

    @Test
    void labelMapsThatAreNoPngAreNamed() throws IOException {
        for (String name : List.of("0.jpg", "1.jpg")) {
            image("images/" + name);
            image("masks/" + name);
        }
        assertThatThrownBy(() -> SegmentationFolder.open(folder))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("label maps must be PNG, found masks/0.jpg");
        map("masks/1.png");
        assertThat(SourceRows.of(SegmentationFolder.open(folder)))
                .containsExactly("train/0.jpg ! label maps must be PNG: found masks/0.jpg", "train/1.jpg " + pair());
    }

    @Test
    void splitsHaveSeveralNamesInCapitalsOrNot() throws IOException {
        image("images/Train/1.jpg");
        map("annotations/training/1.png");
        image("images/VALID/2.jpg");
        map("annotations/val/2.png");
        map("annotations/test/3.png");
        image("images/beside.jpg");
        image("preview/1.jpg");
        var source = SegmentationFolder.open(folder);
        assertThat(SourceRows.of(source)).containsExactly("train/1.jpg " + pair(), "val/2.jpg " + pair());
        assertThat(source.notes())
                .containsExactly(
                        "images next to the folders of the splits, skipped in " + folder + ": 1 (images/beside.jpg)",
                        "other folders with images, skipped in " + folder + ": 2 (annotations/test, preview)");
        image("images/extra/4.jpg");
        assertThatThrownBy(() -> SegmentationFolder.open(folder))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(
                        folder.resolve("images")
                                + " has folders of splits (train, val) next to other folders with images (extra): --split train ");
    }

    @Test
    void imagesThatNoListNamesAreCounted() throws IOException {
        for (String stem : List.of("1", "2", "3", "4")) {
            image("JPEGImages/" + stem + ".jpg");
            map("SegmentationClass/" + stem + ".png");
        }
        text("ImageSets/Segmentation/Training.txt", "2\n");
        text("ImageSets/Segmentation/valid.txt", "4\n");
        var source = SegmentationFolder.open(folder);
        assertThat(splits(source)).containsExactly("train", "val");
        assertThat(source.notes())
                .containsExactly("images that no list of a split names, skipped in " + folder
                        + ": 2 (JPEGImages/1.jpg, JPEGImages/3.jpg)");
    }

    @Test
    void anImageWithoutAMapIsNamedAndAMapWithoutAnImageSkipped() throws IOException {
        image("images/1.jpg");
        map("masks/1.png");
        image("images/2.jpg");
        map("masks/3.png");
        assertThat(SourceRows.of(SegmentationFolder.open(folder)))
                .containsExactly(
                        "train/1.jpg " + pair(),
                        "train/2.jpg ! no label map: there is no " + folder.resolve("masks/2.png"));
    }

    @Test
    void classesAreListedByValueOrByLine() throws IOException {
        image("images/1.jpg");
        map("masks/1.png");
        assertThat(classes()).isEmpty();
        text("classes.txt", "\uFEFFbackground\r\naeroplane\r\n\r\n");
        assertThat(classes()).containsExactly("background", "aeroplane");
        text(
                "objectInfo150.txt",
                "Idx\tRatio\tTrain\tVal\tStuff\tName\n1\t0.15\t11664\t1172\t1\twall\n3\t0.1\t1\t1\t1\tsky");
        assertThat(classes()).containsExactly("0", "wall", "2", "sky");
        text("classes.tsv", "2\troad\n1\tsky\n255\tvoid\n");
        assertThat(classes()).containsExactly("0", "sky", "road");
    }

    @Test
    void aFileOfClassesThatMakesNoSenseIsRefused() throws IOException {
        image("images/1.jpg");
        map("masks/1.png");
        text("classes.tsv", "index\tname\n1\tsky\nroad\n");
        assertThatThrownBy(this::classes)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("line 3 of " + folder.resolve("classes.tsv")
                        + " must be the value of a class, a tab and its name, was 'road'");
        text("classes.tsv", "1\tsky\n1\troad\n");
        assertThatThrownBy(this::classes).hasMessageEndingWith(" gives the value 1 to sky and to road");
        text("classes.tsv", "1\tsky\n2\tsky\n");
        assertThatThrownBy(this::classes).hasMessageEndingWith("must have different names, 2 and 1 are both 'sky'");
        text("classes.tsv", "300\tsky\n");
        assertThatThrownBy(this::classes).hasMessageEndingWith("has a class of the value 300, at most 255");
    }

    @Test
    void aFolderWithoutSuchFoldersIsRefused() throws IOException {
        image("images/1.jpg");
        assertThatThrownBy(() -> SegmentationFolder.open(folder))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("no folders of images and of label maps in " + folder + ": one of [images, ");
        map("annotations/other.png");
        assertThatThrownBy(() -> SegmentationFolder.open(folder))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("none of the 1 images in " + folder.resolve("images")
                        + " has a label map of the same name in " + folder.resolve("annotations"));
        assertThatThrownBy(() -> SegmentationFolder.open(folder.resolve("gone")))
                .hasMessage("no such folder: " + folder.resolve("gone"));
    }

    private List<String> classes() throws IOException {
        return SegmentationFolder.open(folder).classes();
    }

    private static List<String> splits(Source source) {
        return source.splits().stream().map(SourceSplit::name).toList();
    }

    private static String pair() {
        return SourceRows.crc(ByteBuffer.wrap(IMAGE)) + " map " + SourceRows.crc(ByteBuffer.wrap(MAP));
    }

    private void image(String name) throws IOException {
        write(name, IMAGE);
    }

    private void map(String name) throws IOException {
        write(name, MAP);
    }

    private void text(String name, String text) throws IOException {
        write(name, text.getBytes(StandardCharsets.UTF_8));
    }

    private void write(String name, byte[] bytes) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.write(file, bytes);
    }
}

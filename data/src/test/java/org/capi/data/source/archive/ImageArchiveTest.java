package org.capi.data.source.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.capi.data.SharedData;
import org.capi.data.TestImages;
import org.capi.data.source.Source;
import org.capi.data.source.SourceRows;
import org.capi.data.source.folder.ImageFolder;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageArchiveTest {

    @TempDir
    Path temp;

    @ParameterizedTest
    @ValueSource(strings = {"tar", "tar.gz", "tar.bz2", "tar.xz", "zip"})
    void anArchiveOffersWhatTheUnpackedFolderDoes(String suffix) throws Exception {
        Path folder = tree();
        List<String> unpacked = SourceRows.of(ImageFolder.open(folder));
        for (Path archive : List.of(
                TestArchives.of(folder.resolve(".."), "tree", temp.resolve("rooted." + suffix)),
                TestArchives.of(folder, ".", temp.resolve("flat." + suffix)))) {
            Source source = ImageArchive.open(archive);
            assertThat(SourceRows.of(source)).containsExactlyInAnyOrderElementsOf(unpacked);
            assertThat(source.classes()).isEqualTo(ImageFolder.open(folder).classes());
        }
    }

    @Test
    void theNastyTreeAsTarAndZipEqualsTheUnpackedOneButForItsLinks() throws Exception {
        Path tree = SharedData.unpack("nasty", temp).resolve("tree");
        List<String> unpacked = SourceRows.of(ImageFolder.open(tree)).stream()
                .filter(row -> !row.contains("symlink"))
                .toList();
        assertThat(unpacked).hasSizeGreaterThan(30);
        for (String suffix : List.of("tar", "tar.gz", "zip")) {
            Source source =
                    ImageArchive.open(TestArchives.of(tree.resolve(".."), "tree", temp.resolve("tree." + suffix)));
            List<String> rows = SourceRows.of(source);
            assertThat(rows.stream().filter(row -> !row.contains("symlink")))
                    .as(suffix)
                    .containsExactlyInAnyOrderElementsOf(unpacked);
            assertThat(rows.stream().filter(row -> row.contains("symlink")))
                    .as(suffix)
                    .hasSize(2)
                    .allMatch(row -> row.contains(" ! a link: links in an archive are not followed"));
        }
    }

    @Test
    @Tag("slow")
    void imagenetteFromItsArchiveEqualsTheUnpackedOne() throws Exception {
        Path folder = SharedData.unpack("cls_imagenette10", temp);
        Path archive = TestArchives.of(temp, "cls_imagenette10", temp.resolve("cls_imagenette10.tar"));
        assertThat(SourceRows.of(ImageArchive.open(archive)))
                .containsExactlyInAnyOrderElementsOf(SourceRows.of(ImageFolder.open(folder)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"tar", "tar.gz", "zip"})
    void readingContinuesAfterAnyNumberOfImages(String suffix) throws Exception {
        Path archive = TestArchives.of(tree(), ".", temp.resolve("tree." + suffix));
        var train = ImageArchive.open(archive).splits().get(0);
        List<String> all =
                SourceRows.entries(train, 0).stream().map(SourceRows::row).toList();
        for (int skipped = 0; skipped <= all.size(); skipped++) {
            assertThat(SourceRows.entries(train, skipped).stream().map(SourceRows::row))
                    .isEqualTo(all.subList(skipped, all.size()));
        }
    }

    @Test
    void aSingleFolderNamedLikeASplitIsThatSplit() throws Exception {
        Path folder = tree();
        Path archive = TestArchives.of(folder, "val", temp.resolve("val.tar"));
        var source = ImageArchive.open(archive);
        assertThat(source.splits()).extracting(split -> split.name()).containsExactly("val");
        assertThat(source.classes()).containsExactly("cat");
        assertThat(ImageArchive.open(archive, "other").splits())
                .extracting(split -> split.name())
                .containsExactly("other");
    }

    @Test
    void aFlatArchiveHasNoLabels() throws Exception {
        Path folder = Files.createDirectories(temp.resolve("flat"));
        Files.write(folder.resolve("b.jpg"), TestImages.jpeg(8, 8));
        Files.write(folder.resolve("a.png"), TestImages.png(8, 8, 2));
        var source = ImageArchive.open(TestArchives.of(temp, "flat", temp.resolve("flat.zip")));
        assertThat(source.classes()).isEmpty();
        assertThat(SourceRows.of(source)).containsExactlyInAnyOrderElementsOf(SourceRows.of(ImageFolder.open(folder)));
    }

    @Test
    void whatIsNoArchiveIsRefused() throws Exception {
        Path text = Files.writeString(temp.resolve("x.tar"), "no archive");
        assertThatThrownBy(() -> ImageArchive.open(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(text + " is not an archive that can be read (tar, tar.gz, tar.bz2, tar.xz and zip)");
        assertThatThrownBy(() -> ImageArchive.open(temp.resolve("gone.zip")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("no such archive: ");
        assertThatThrownBy(() -> ImageArchive.open(temp)).hasMessageContaining("is a folder, not an archive");
        Path empty = Files.createDirectories(temp.resolve("empty/folder"));
        Path archive = TestArchives.of(empty.resolve(".."), "folder", temp.resolve("empty.tar"));
        assertThatThrownBy(() -> ImageArchive.open(archive))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("no image files in the archive " + archive);
    }

    @ParameterizedTest
    @ValueSource(strings = {"tar", "tar.gz", "tar.bz2", "tar.xz", "zip"})
    void anArchiveThatIsCutOffIsNamed(String suffix) throws Exception {
        Path whole = TestArchives.of(tree(), ".", temp.resolve("whole." + suffix));
        byte[] bytes = Files.readAllBytes(whole);
        Path cut = temp.resolve("cut." + suffix);
        int end = suffix.equals("tar") ? bytes.length - 10240 - 700 : bytes.length * 3 / 4;
        Files.write(cut, Arrays.copyOf(bytes, end));
        assertThatThrownBy(() -> SourceRows.of(ImageArchive.open(cut)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("the archive " + cut + " is ")
                .hasMessageContaining("cut off");
    }

    private Path tree() throws IOException {
        Path folder = temp.resolve("in/tree");
        if (Files.exists(folder)) {
            return folder;
        }
        int seed = 0;
        for (String file : List.of(
                "train/cat/1.jpg",
                "train/cat/deep/er/2.PNG",
                "train/dög/" + "long".repeat(40) + ".png",
                "train/dög/.hidden.png",
                "train/dög/notes.txt",
                "train/__MACOSX/x.png",
                "train/stray.png",
                "val/cat/3.png",
                "val.txt",
                "README.md")) {
            Path path = folder.resolve(file);
            Files.createDirectories(path.getParent());
            Files.write(path, file.endsWith("jpg") ? TestImages.jpeg(20, 30) : TestImages.png(20, 30 + seed, seed++));
        }
        return folder;
    }
}

package org.capi.data.imports;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.capi.data.SharedData;
import org.capi.data.arrow.ImageDataset;
import org.capi.data.image.ImageKernels;
import org.capi.data.source.Entry;
import org.capi.data.source.Entry.Label;
import org.capi.data.source.FileContent;
import org.capi.data.source.folder.ImageFolder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of the odd and broken files of the archive "nasty", which says of each what is expected. */
class OddImagesTest {

    @TempDir
    static Path folder;

    @SuppressWarnings("NullAway.Init")
    private static Path nasty;

    @SuppressWarnings("NullAway.Init")
    private static ImageKernels kernels;

    @BeforeAll
    static void unpack() throws IOException, InterruptedException {
        nasty = SharedData.unpack("nasty", folder);
        kernels = new ImageKernels();
    }

    @AfterAll
    static void close() {
        if (kernels != null) {
            kernels.close();
        }
    }

    @Test
    void everyFileIsReadOrRefusedAsItsEntrySays() throws IOException {
        List<String> lines = Files.readAllLines(nasty.resolve("manifest.tsv"));
        List<String> header = List.of(lines.get(0).split("\t", -1));
        for (String line : lines.subList(1, lines.size())) {
            String[] entry = line.split("\t", -1);
            String name = entry[0].replace("\\t", "\t").replace("\\\\", "\\");
            String expected = entry[header.indexOf("expected")];
            Path file = nasty.resolve("images").resolve(name);
            if (expected.equals("ok")) {
                String[] size = entry[header.indexOf("size")].split("x", 2);
                String orientation = entry[header.indexOf("exif_orientation")];
                boolean turned = !orientation.isEmpty() && Integer.parseInt(orientation) > 4;
                var image = Objects.requireNonNull(check(file).image(), name);
                assertThat(image.width()).as(name).isEqualTo(Integer.parseInt(size[turned ? 1 : 0]));
                assertThat(image.height()).as(name).isEqualTo(Integer.parseInt(size[turned ? 0 : 1]));
            } else if (expected.equals("skip")) {
                assertThat(check(file).problem()).as(name).matches("[a-zA-Z][^\\n]+");
            }
        }
    }

    @Test
    void whatIsNoImageIsRefusedInWordsThatSayWhatItIs() {
        Map<String, String> reasons = new HashMap<>();
        reasons.put("zero_byte.jpg", "the file is empty");
        reasons.put("text.jpg", "not a JPEG, PNG, GIF, BMP, WebP or TIFF");
        reasons.put("html_404.jpg", "not a JPEG, PNG, GIF, BMP, WebP or TIFF but HTML, SVG or XML");
        reasons.put(
                "lfs_pointer.jpg",
                "not a JPEG, PNG, GIF, BMP, WebP or TIFF but a Git LFS pointer (run 'git lfs pull')");
        reasons.put("bomb_20000x20000.png", "too large: 20000 x 20000 pixels, at most 178956970 are taken");
        reasons.forEach((name, reason) -> assertThat(
                        check(nasty.resolve("images").resolve(name)).problem())
                .as(name)
                .isEqualTo(reason));
        for (String cut : List.of("truncated_header.jpg", "truncated_half.jpg", "truncated.png", "bad_crc.png")) {
            assertThat(check(nasty.resolve("images").resolve(cut)).problem())
                    .as(cut)
                    .startsWith("cannot be decoded: ");
        }
    }

    @Test
    void anOddTreeOfFoldersIsImportedWithItsSoundImages() throws IOException {
        Path to = folder.resolve("tree");
        Import.run(ImageFolder.open(nasty.resolve("tree")), to, ImportOptions.skipping(0.5), (done, total) -> {});
        try (ImageDataset train = ImageDataset.open(to);
                ImageDataset val = ImageDataset.open(to + ":val")) {
            assertThat(train.classes())
                    .isEqualTo(val.classes())
                    .contains("10", "2", "Zebra with space", "cat", "mixed", "nested", "symlinked_class")
                    .doesNotContain(".hidden_class", "__MACOSX", "empty", "only_text", "dir_named_like.jpg");
            Set<String> names = new TreeSet<>();
            for (long row = 0; row < train.size(); row++) {
                names.add(train.get(row).name());
            }
            assertThat(names)
                    .contains("10/0.jpg", "Zebra with space/2.PNG", "nested/inner/deep/0.jpg", "mixed/6_symlink.jpg")
                    .doesNotContain("mixed/4_truncated.jpg", "stray_at_root.jpg");
            assertThat(train.info().skipped().reasons())
                    .containsEntry("is next to the class folders", 1L)
                    .containsEntry("the file is missing or a broken link", 1L);
        }
    }

    @Test
    void aFileThatNeedsMoreMemoryThanThereIsIsOneProblem() {
        var check = new ImportRun.EntryCheck(kernels, ImportOptions.strict(), 0);
        Entry.Content content = () -> {
            throw new OutOfMemoryError("Java heap space");
        };
        assertThat(check.check(Entry.of("a.tif", content, Label.NONE)).problem())
                .isEqualTo("cannot be decoded: it needs more memory than there is (java -Xmx)");
    }

    private static ImportRun.EntryCheck.Checked check(Path file) {
        var check = new ImportRun.EntryCheck(kernels, ImportOptions.strict(), 0);
        return check.check(Entry.of(file.toString(), new FileContent(file), Label.NONE));
    }
}

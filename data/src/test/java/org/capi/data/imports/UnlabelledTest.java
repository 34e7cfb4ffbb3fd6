package org.capi.data.imports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.capi.data.arrow.ImageDataset;
import org.capi.data.source.Entry;
import org.capi.data.source.Entry.Label;
import org.capi.data.source.Source.SourceOptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UnlabelledTest {

    private static final SourceOptions UNLABELLED = new SourceOptions(null, false, true);

    @TempDir
    Path folder;

    private Path to;

    @BeforeEach
    void setUp() {
        to = folder.resolve("to");
    }

    @ParameterizedTest
    @CsvSource({"PARQUET, parquet_label_list.parquet, 4", "WEBDATASET, wds_json_label_list.tar, 3"})
    void imagesWhoseLabelsAreListsAreImportedWithoutThem(SourceKind kind, String name, int images) throws Exception {
        Path file = resource("/cases/" + name);
        Import.run(kind.openWith(UNLABELLED, file), to, ImportOptions.strict(), (done, total) -> {});
        try (ImageDataset dataset = ImageDataset.open(to)) {
            assertThat(dataset.size()).isEqualTo(images);
            assertThat(dataset.info().labelled()).isZero();
            assertThat(dataset.classes()).isEmpty();
            assertThat(dataset.info().source()).isEqualTo(kind + " " + file + ", without labels");
        }
    }

    @Test
    void theRefusalOfAListSaysHow() throws Exception {
        Path parquet = resource("/cases/parquet_label_list.parquet");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SourceKind.PARQUET.open(parquet, null))
                .withMessageContaining("must hold whole numbers or text, it is optional group label (LIST)")
                .withMessageEndingWith("; --no-labels imports the images without labels");
        Path tar = resource("/cases/wds_json_label_list.tar");
        assertThatThrownBy(() -> Import.run(
                        SourceKind.WEBDATASET.open(tar, null), to, ImportOptions.strict(), (done, total) -> {}))
                .hasMessageContaining("wds_json_label_list.tar/")
                .hasMessageEndingWith(
                        "is neither text nor a whole number; --no-labels imports the images without labels");
        assertThat(to).doesNotExist();
    }

    @Test
    void aBadLabelCountsAgainstTheImagesOnlyWhereLabelsAreRead() throws IOException {
        Map<String, List<Entry>> entries = new LinkedHashMap<>();
        entries.put(
                "train",
                List.of(
                        ListedSource.image("a", new Label.Named("cat"), 1),
                        ListedSource.image("b", new Label.Bad("bad label: odd"), 2)));
        ListedSource source = ListedSource.of(entries);
        ImportOptions half = ImportOptions.skipping(0.5);
        assertThat(Import.run(source, to, half, (done, total) -> {})
                        .get(0)
                        .info()
                        .skipped()
                        .examples())
                .containsExactly("b: bad label: odd");
        Path without = folder.resolve("without");
        assertThat(Import.run(SourceKind.unlabelled(source), without, half, (done, total) -> {})
                        .get(0)
                        .info()
                        .images())
                .isEqualTo(2);
    }

    @Test
    void aPointerOfGitLfsIsNoImage() throws IOException {
        byte[] pointer = Files.readAllBytes(resource("/cases/lfs_pointer.parquet"));
        Entry entry = Entry.of("a.png", () -> ByteBuffer.wrap(pointer), Label.NONE);
        ListedSource source = ListedSource.of(new LinkedHashMap<>(Map.of("train", List.of(entry))));
        assertThatThrownBy(() -> Import.run(source, to, ImportOptions.strict(), (done, total) -> {}))
                .hasMessage("cannot import a.png: not a JPEG, PNG, GIF, BMP, WebP or TIFF but a Git LFS pointer"
                        + " (run 'git lfs pull')");
    }

    @Test
    void anImageThatTakesTooMuchMemoryIsLeftOut() throws IOException {
        Map<String, List<Entry>> entries = new LinkedHashMap<>();
        Entry.Content huge = () -> {
            throw new OutOfMemoryError("Java heap space");
        };
        entries.put("train", List.of(ListedSource.image("a", Label.NONE, 1), Entry.of("huge", huge, Label.NONE)));
        assertThat(Import.run(ListedSource.of(entries), to, ImportOptions.skipping(0.5), (done, total) -> {})
                        .get(0)
                        .info()
                        .skipped()
                        .examples())
                .containsExactly("huge: cannot be decoded: it needs more memory than there is (java -Xmx)");
    }

    private static Path resource(String name) {
        return Path.of(Objects.requireNonNull(UnlabelledTest.class.getResource(name), name)
                .getPath());
    }
}

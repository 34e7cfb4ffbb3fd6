package org.capi.data.imports;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.capi.data.SharedData;
import org.capi.data.arrow.ImageDataset;
import org.capi.data.arrow.ImageRecord;
import org.capi.data.image.ImageKernels;
import org.capi.data.imports.Import.ImportedSplit;
import org.capi.data.source.folder.SegmentationFolder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Imports of images with label maps, down to the values that the dataset has. */
class SegmentationImportTest {

    @TempDir
    Path temp;

    @Test
    void everyPairOfTheNastySetEndsAsItsManifestSays() throws Exception {
        Path seg = SharedData.unpack("nasty", temp).resolve("seg");
        Map<String, ImageRecord> images = imported(seg, Set.of(0, 255));
        List<String> lines = Files.readAllLines(seg.resolve("manifest.tsv"));
        assertThat(lines).hasSizeGreaterThan(25);
        for (String line : lines.subList(1, lines.size())) {
            String[] row = line.split("\t", -1);
            String name = (row[0].equals("training") ? "train/" : "val/") + row[1];
            if (row[3].equals("ok")) {
                assertThat(images).as(line).containsKey(name);
            } else if (row[3].equals("error")) {
                assertThat(images).as(line).doesNotContainKey(name);
            }
        }
        assertThat(images)
                .containsKeys("train/ann_la", "train/ann_rgb_equal", "train/img_png_ext", "train/img_upper_ext");
        try (var kernels = new ImageKernels()) {
            for (String name : List.of("train/ann_palette", "train/ann_16bit")) {
                ImageRecord image = images.get(name);
                assertThat(image).isNotNull();
                ByteBuffer png = Objects.requireNonNull(image.labelMap());
                byte[] map = kernels.decodeLabelMap(png).toArray();
                assertThat(map).as(name).hasSize(image.width() * image.height());
                for (byte value : map) {
                    assertThat(Byte.toUnsignedInt(value)).as(name).isLessThanOrEqualTo(11);
                }
            }
        }
    }

    @Test
    void camvidIsImportedWhole() throws Exception {
        Map<String, ImageRecord> images = imported(SharedData.unpack("seg_camvid", temp), Set.of(0));
        assertThat(images.keySet().stream().filter(name -> name.startsWith("train/")))
                .hasSize(367);
        assertThat(images.keySet().stream().filter(name -> name.startsWith("val/")))
                .hasSize(83);
        assertThat(images.values()).allMatch(image -> image.labelMap() != null && image.label() < 0);
    }

    private Map<String, ImageRecord> imported(Path from, Set<Integer> ignored) throws IOException {
        Path to = temp.resolve("to");
        var options = ImportOptions.skipping(0.5).ignoring(ignored);
        Map<String, ImageRecord> images = new HashMap<>();
        for (ImportedSplit split : Import.run(SegmentationFolder.open(from), to, options, (done, total) -> {})) {
            try (ImageDataset dataset = ImageDataset.open(split.folder())) {
                for (int row = 0; row < dataset.size(); row++) {
                    ImageRecord image = dataset.get(row);
                    images.put(split.name() + "/" + image.name().replaceAll("\\.[^.]*$", ""), image);
                }
            }
        }
        return images;
    }
}

package org.capi.data.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.capi.fuzz.MutatedFiles;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
class ImageFuzzTest {

    private static final int COPIES = Integer.getInteger("capi.fuzz.copies", 3000);
    private static final long MAX_PIXELS = 1 << 20;
    private static final long MAX_BYTES = 96 << 20;
    private static final long MAX_BYTES_OF_CODES = 1L << 30;

    @TempDir
    Path folder;

    @Test
    void aMutatedImageIsDecodedOrRefusedInOneLine() throws IOException {
        List<Path> files = files(
                "exif_6.jpg",
                "cmyk.jpg",
                "upright.png",
                "xmp_6_packed.png",
                "raw_profile_6.png",
                "gif_offset_transparent.gif",
                "gif_offset_local.gif",
                "palette.bmp",
                "lossy.webp",
                "webp_animated.webp",
                "lzw.tif",
                "jpeg_in.tif",
                "bilevel_g4.tif",
                "float32.tif");
        decode(files, COPIES, MAX_BYTES);
    }

    /** The reader makes a table for each of up to 65,536 groups of codes that a file of any size may name. */
    @Test
    void aMutatedLosslessWebpIsDecodedOrRefusedInOneLine() throws IOException {
        decode(files("lossless.webp", "alpha.webp", "exif_1_xmp_6.webp"), COPIES / 3, MAX_BYTES_OF_CODES);
    }

    private void decode(List<Path> files, int copies, long maxBytes) throws IOException {
        try (var kernels = new ImageKernels()) {
            MutatedFiles.parseAll(files, folder, copies, maxBytes, file -> {
                ByteBuffer image = ByteBuffer.wrap(Files.readAllBytes(file));
                ImageHeader header = kernels.check(image, MAX_PIXELS);
                kernels.decode(image, header);
            });
        }
    }

    @Test
    void aMutatedLabelMapIsReadOrRefusedInOneLine() throws IOException {
        List<Path> files = files("grey.png", "palette.png", "bilevel.png");
        MutatedFiles.parseAll(files, folder, COPIES, MAX_BYTES, file -> {
            ByteBuffer map = ByteBuffer.wrap(Files.readAllBytes(file));
            LabelMap.grey(map, 36, 52, Set.of(), 0);
        });
    }

    private List<Path> files(String... names) throws IOException {
        List<Path> files = new ArrayList<>();
        for (String name : names) {
            Path file = folder.resolve(name);
            Files.write(file, Fixture.read(name).array());
            files.add(file);
        }
        return files;
    }
}

package org.capi.data.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.capi.data.SharedData;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every file of the archive "nasty" becomes a crop, or is refused, as its entry says. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OddPixelsTest {

    private static final double JPEG_NOISE = 3;
    private static final long MOST_KILOBYTES = 2_000_000;

    @SuppressWarnings("NullAway.Init")
    private Path images;

    private final ImageKernels kernels = new ImageKernels();

    record Entry(String name, String expected) {}

    @BeforeAll
    void unpack(@TempDir Path folder) throws IOException, InterruptedException {
        images = SharedData.unpack("nasty", folder).resolve("images");
    }

    @AfterAll
    void close() {
        kernels.close();
    }

    Stream<Entry> entries() throws IOException {
        List<String> lines = Files.readAllLines(images.resolveSibling("manifest.tsv"));
        int expected = List.of(lines.get(0).split("\t", -1)).indexOf("expected");
        return lines.stream()
                .skip(1)
                .map(line -> line.split("\t", -1))
                .map(entry -> new Entry(entry[0].replace("\\t", "\t").replace("\\\\", "\\"), entry[expected]));
    }

    @ParameterizedTest
    @MethodSource("entries")
    void aFileBecomesACropOrIsRefused(Entry entry) throws IOException {
        ByteBuffer image = read(entry.name);
        if (entry.expected.equals("ok")) {
            ImageHeader header = kernels.check(image, ImageHeader.MAX_PIXELS);
            var whole = CropBox.whole(header.height(), header.width());
            assertThat(kernels.crop(image, header, whole, 32, 32).height()).isEqualTo(32);
            assertThat(kernels.centre(image, ImageHeader.read(image), 36, 32).width())
                    .isEqualTo(32);
        } else if (entry.expected.equals("skip")) {
            assertThatThrownBy(() -> kernels.check(image, ImageHeader.MAX_PIXELS))
                    .isInstanceOf(IOException.class)
                    .hasMessageMatching("[a-zA-Z][^\\n]+");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4, 5, 6, 7, 8})
    void everyOrientationShowsTheSamePicture(int orientation) throws IOException {
        Pixels shown = kernels.decode(read("exif_o" + orientation + ".jpg"));
        assertThat(Fixture.meanDifference(shown, kernels.decode(read("exif_o1.jpg"))))
                .isLessThan(JPEG_NOISE);
    }

    @Test
    void twoThreadsDecodeTheLargestImagesWithinTwoGigabytes() throws IOException {
        Stream.of("big_12000x9000.jpg", "big_10000x8000_1bit.png", "big_12000x9000.jpg", "big_10000x8000_1bit.png")
                .parallel()
                .forEach(name -> {
                    try {
                        ByteBuffer image = read(name);
                        ImageHeader header = ImageHeader.read(image);
                        kernels.crop(image, header, CropBox.whole(header.height(), header.width()), 64, 64);
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                });
        Path status = Path.of("/proc/self/status");
        assumeTrue(Files.exists(status));
        String peak = Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .findFirst()
                .orElseThrow();
        assertThat(Long.parseLong(peak.replaceAll("[^0-9]", ""))).isLessThan(MOST_KILOBYTES);
    }

    private ByteBuffer read(String name) throws IOException {
        return ByteBuffer.wrap(Files.readAllBytes(images.resolve(name)));
    }
}

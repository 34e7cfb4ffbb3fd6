package org.capi.data.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.capi.data.CounterRandom;
import org.capi.data.TestImages;
import org.capi.data.image.CropBox.RandomResizedCrop;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ImageKernelsTest {

    @SuppressWarnings("NullAway.Init")
    private static ImageKernels kernels;

    @BeforeAll
    static void open() {
        kernels = new ImageKernels();
    }

    @AfterAll
    static void close() {
        kernels.close();
    }

    @Test
    void anImageWrittenAsPngDecodesToTheSamePixels() throws IOException {
        Pixels image = TestImages.pixels(7, 5, 1);
        assertThat(kernels.decode(ByteBuffer.wrap(Png.encode(image)))).isEqualTo(image);
    }

    @Test
    void aLabelMapWrittenAsPngDecodesToTheSameClasses() throws IOException {
        byte[] classes = new byte[6 * 4];
        for (int i = 0; i < classes.length; i++) {
            classes[i] = (byte) (i * 10);
        }
        Pixels map = new Pixels(ByteBuffer.wrap(classes), 6, 4, 1);
        assertThat(kernels.decodeLabelMap(ByteBuffer.wrap(Png.encode(map)))).isEqualTo(map);
        assertThatThrownBy(() -> kernels.decodeLabelMap(ByteBuffer.wrap(TestImages.jpeg(8, 8))))
                .hasMessage("a label map must be a PNG");
    }

    @Test
    void aCropOfItsOwnSizeKeepsThePixelsOfEveryFormat() throws IOException {
        for (byte[] encoded : new byte[][] {TestImages.png(70, 90, 1), TestImages.jpeg(70, 90)}) {
            ByteBuffer image = ByteBuffer.wrap(encoded);
            Pixels whole = kernels.decode(image);
            for (int i = 0; i < 60; i++) {
                var random = CounterRandom.of(i);
                var box = new CropBox(random.below(35), random.below(45), 1 + random.below(35), 1 + random.below(45));
                Pixels crop = kernels.crop(image, ImageHeader.read(image), box, box.height(), box.width());
                assertThat(largestDifference(crop, whole, box)).as("%s", box).isZero();
            }
        }
    }

    private static int largestDifference(Pixels crop, Pixels whole, CropBox box) {
        int largest = 0;
        for (int row = 0; row < box.height(); row++) {
            for (int column = 0; column < box.width(); column++) {
                for (int channel = 0; channel < 3; channel++) {
                    int expected = whole.at(row + box.top(), column + box.left(), channel);
                    largest = Math.max(largest, Math.abs(crop.at(row, column, channel) - expected));
                }
            }
        }
        return largest;
    }

    @Test
    void aGreyImageStaysGreyWhateverItsSize() throws IOException {
        byte[] grey = new byte[19 * 23 * 3];
        Arrays.fill(grey, (byte) 77);
        ByteBuffer image = ByteBuffer.wrap(Png.encode(new Pixels(ByteBuffer.wrap(grey), 19, 23, 3)));
        for (Pixels resized : new Pixels[] {
            kernels.squash(image, ImageHeader.read(image), 40, 8),
            kernels.centre(image, ImageHeader.read(image), 12, 9),
            kernels.crop(image, ImageHeader.read(image), new CropBox(2, 3, 5, 7), 16, 16)
        }) {
            for (byte value : resized.toArray()) {
                assertThat(value).isEqualTo((byte) 77);
            }
        }
    }

    @Test
    void aCutImageIsAnErrorOfOneLine() {
        for (byte[] encoded : new byte[][] {TestImages.png(40, 40, 1), TestImages.jpeg(200, 200)}) {
            ByteBuffer cut = ByteBuffer.wrap(encoded, 0, encoded.length * 2 / 3).slice();
            assertThatThrownBy(() -> kernels.check(cut, ImageHeader.MAX_PIXELS))
                    .isInstanceOf(IOException.class)
                    .hasMessageMatching("cannot be decoded: [^\\n]+");
        }
    }

    @Test
    void manyThreadsGetWhatOneThreadGets() throws IOException {
        ByteBuffer image = ByteBuffer.wrap(TestImages.jpeg(60, 80));
        ImageHeader header = ImageHeader.read(image);
        var box = new CropBox(5, 9, 41, 33);
        Pixels expected = kernels.crop(image, header, box, 24, 24);
        assertThat(IntStream.range(0, 200).parallel().allMatch(i -> {
                    try {
                        return kernels.crop(image, header, box, 24, 24).equals(expected);
                    } catch (IOException e) {
                        return false;
                    }
                }))
                .isTrue();
    }

    @Test
    void aSquareLargerThanTheShorterSideIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Geometry.centred(40, 50, 20, 24))
                .withMessage("the central square of 24 pixels is larger than the shorter side of 20");
    }

    @Test
    void flippingTwiceGivesTheImageBack() {
        Pixels image = TestImages.pixels(3, 4, 2);
        Pixels flipped = image.flipped();
        assertThat(flipped.at(1, 0, 2)).isEqualTo(image.at(1, 3, 2));
        assertThat(flipped.flipped()).isEqualTo(image);
    }

    @Test
    void cropScalesOutsideTheirRangeAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new RandomResizedCrop(0.7, 0.6))
                .withMessage("crop_scale must satisfy 0 < min <= max <= 1, was 0.7 .. 0.6");
    }
}

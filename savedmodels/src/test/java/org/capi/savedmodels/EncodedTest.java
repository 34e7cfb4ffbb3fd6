package org.capi.savedmodels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.capi.savedmodels.toy.RandomModel;
import org.capi.savedmodels.toy.ToyEncoder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.ConfigProto;

@Timeout(120)
class EncodedTest {

    private static final float NEAR = 1e-5f;

    @TempDir
    static Path folder;

    @SuppressWarnings("NullAway.Init")
    private static VisionEncoder encoder;

    @BeforeAll
    static void load() throws IOException {
        RandomModel.write(RandomModel.SMALL, folder, Map.of(Export.IMAGE_SIZE, "16"));
        encoder = VisionEncoder.load(
                folder.resolve("model"),
                ConfigProto.newBuilder().setIntraOpParallelismThreads(1).build());
    }

    @AfterAll
    static void close() {
        encoder.close();
    }

    @Test
    void everySoundFileOfABatchIsEncodedAndEveryBadOneNamed() throws IOException {
        byte[] cut = Arrays.copyOf(image("png", 3), 60);
        byte[] text = "hello".getBytes(StandardCharsets.UTF_8);
        byte[] webp = Arrays.copyOf(new byte[] {'R', 'I', 'F', 'F'}, 40);
        List<byte[]> files = List.of(
                image("png", 0), text, image("jpg", 1), cut, image("png", 2), webp, new byte[0], image("gif", 4), cut);

        List<Encoded<byte[]>> encoded = encoder.encodeEach(files, file -> file);

        assertThat(encoded).extracting(Encoded::item).isEqualTo(files);
        assertThat(encoded)
                .extracting(Encoded::failure)
                .containsExactly(
                        null,
                        "is not a JPEG, PNG or GIF file",
                        null,
                        "is no sound JPEG, PNG or GIF file",
                        null,
                        "is a WebP, which is not decoded; JPEG and PNG files are",
                        "is not a JPEG, PNG or GIF file",
                        null,
                        "is no sound JPEG, PNG or GIF file");
        for (Encoded<byte[]> one : encoded) {
            assertThat(one.features() == null).isEqualTo(one.failure() != null);
            if (one.features() != null) {
                Features alone = encoder.encodeFiles(List.of(one.item()));
                assertThat(one.vector().orElseThrow()).containsExactly(alone.vector(0), within(NEAR));
                assertThat(one.features().featureMap().shape()).isEqualTo(Shape.of(1, 4, 4, 16));
                assertThat(one.features().featureMap().getFloat(0, 3, 2, 1))
                        .isCloseTo(alone.featureMap().getFloat(0, 3, 2, 1), within(NEAR));
                assertThat(one.features().registers().getFloat(0, 1, 2))
                        .isCloseTo(alone.registers().getFloat(0, 1, 2), within(NEAR));
            }
        }
    }

    @Test
    void aFileThatCannotBeReadFailsAlone() throws IOException {
        Path sound = Files.write(folder.resolve("sound.png"), image("png", 1));
        Path missing = folder.resolve("missing.png");
        assertThat(encoder.encodeEach(List.of(missing, sound), Files::readAllBytes))
                .extracting(Encoded::failure)
                .containsExactly("cannot be read: no such file", null);
        assertThat(encoder.encodeEach(List.of(missing), Files::readAllBytes)).hasSize(1);
        assertThat(encoder.encodeEach(List.<Path>of(), Files::readAllBytes)).isEmpty();
    }

    @Test
    void aStreamGivesEveryItemOnceAndInOrder() throws IOException {
        byte[][] images = images(5);
        Iterator<Integer> items = IntStream.range(0, 23).iterator();
        try (Stream<Encoded<Integer>> stream =
                encoder.stream(items, i -> i % 7 == 6 ? new byte[] {1} : images[i % images.length], 4)) {
            List<Encoded<Integer>> all = stream.toList();
            assertThat(all)
                    .extracting(Encoded::item)
                    .containsExactlyElementsOf(IntStream.range(0, 23).boxed().toList());
            for (Encoded<Integer> one : all) {
                if (one.item() % 7 == 6) {
                    assertThat(one.failure()).isEqualTo("is not a JPEG, PNG or GIF file");
                } else {
                    Features alone = encoder.encodeFiles(List.of(images[one.item() % images.length]));
                    assertThat(one.vector().orElseThrow()).containsExactly(alone.vector(0), within(NEAR));
                }
            }
        }
        assertThat(encoder.stream(List.<Integer>of().iterator(), i -> images[0], 4))
                .isEmpty();
    }

    @Test
    void anEndlessStreamIsReadAheadByTwoBatchesAtMost() throws IOException {
        byte[] image = image("png", 1);
        var read = new AtomicInteger();
        int batch = 3;
        try (Stream<Encoded<Integer>> stream =
                encoder.stream(Stream.generate(read::incrementAndGet).iterator(), i -> image, batch)) {
            Iterator<Encoded<Integer>> results = stream.iterator();
            for (int taken = 0; taken < 40; taken++) {
                assertThat(results.next().item()).isEqualTo(taken + 1);
                int current = taken / batch * batch + batch;
                assertThat(read.get()).isLessThanOrEqualTo(current + EncodingAhead.AHEAD * batch);
            }
        }
        awaitNoThread();
    }

    @Test
    void theNextBatchIsReadWhileTheCallerUsesTheFirst() throws Exception {
        byte[] image = image("png", 1);
        var read = new AtomicInteger();
        try (Stream<Encoded<Integer>> stream =
                encoder.stream(Stream.generate(read::incrementAndGet).iterator(), i -> image, 2)) {
            Iterator<Encoded<Integer>> results = stream.iterator();
            results.next();
            while (read.get() < 2 + EncodingAhead.AHEAD * 2) {
                Thread.sleep(5); // the class's timeout ends it
            }
        }
    }

    @Test
    void anExceptionOfTheIteratorComesAfterTheResultsBeforeIt() throws IOException {
        byte[] image = image("png", 1);
        Iterator<Integer> items = IntStream.range(0, 9)
                .peek(i -> {
                    if (i == 5) {
                        throw new IllegalStateException("the source is gone");
                    }
                })
                .iterator();
        List<Integer> seen = new ArrayList<>();
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> encoder.stream(items, i -> image, 2).forEach(one -> seen.add(one.item())))
                .withMessage("the source is gone");
        assertThat(seen).containsExactly(0, 1, 2, 3, 4);
        awaitNoThread();
    }

    @Test
    void whatCannotEncodeFilesIsRefusedBeforeAnyIsRead() throws IOException {
        Path toy = folder.resolve("toy");
        ToyEncoder.write(toy, 10, "global", "registers", "feature_map");
        VisionEncoder.check(folder.resolve("model"));
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> VisionEncoder.check(toy))
                .withMessage("the model has no signature serving_bytes; it has serving_default");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> VisionEncoder.check(folder.resolve("nowhere")))
                .withMessageStartingWith("no model folder: ");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> encoder.stream(List.<byte[]>of().iterator(), file -> file, 0))
                .withMessage("batchSize must be at least 1, was 0");
    }

    /** A thread that has done its last task lives for a moment; the class's timeout ends the wait for one that stays. */
    private static void awaitNoThread() {
        while (Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().startsWith("capi-"))) {
            Thread.onSpinWait();
        }
    }

    private static byte[][] images(int count) throws IOException {
        byte[][] images = new byte[count][];
        for (int i = 0; i < count; i++) {
            images[i] = image("png", i);
        }
        return images;
    }

    private static byte[] image(String format, int seed) throws IOException {
        var image = new BufferedImage(24, 20, BufferedImage.TYPE_3BYTE_BGR);
        for (int i = 0; i < 24 * 20; i++) {
            image.setRGB(i % 24, i / 24, (seed + 1) * 0x102030 * (i % 24) + i / 24 * 0x050301);
        }
        var bytes = new ByteArrayOutputStream();
        ImageIO.write(image, format, bytes);
        return bytes.toByteArray();
    }
}

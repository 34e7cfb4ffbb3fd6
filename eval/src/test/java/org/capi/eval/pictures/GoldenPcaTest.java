package org.capi.eval.pictures;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.capi.golden.Golden;
import org.capi.golden.NpyArray;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class GoldenPcaTest {

    private final Golden golden = Golden.fixture("eval");

    @BeforeAll
    static void requireFixture() {
        Assumptions.assumeTrue(Golden.hasFixture("eval"), "these golden numbers have no fixture eval");
    }

    @Test
    void theViewOfEachImageIsThatOfTheReference() {
        NpyArray features = golden.array("viz/features");
        int dim = features.size(3);
        float[] all = features.floats();
        int size = features.size(1) * features.size(2) * dim;
        float[] expected = golden.array("viz/pca_separate").floats();
        double tolerance = golden.tolerance("viz/pca_separate");
        int count = golden.hyper().get("viz").get("n_components_separate").asInt();
        int viewSize = size / dim * count;
        for (int image = 0; image < features.size(0); image++) {
            float[] rows = Arrays.copyOfRange(all, image * size, (image + 1) * size);
            double[] seen = view(rows, dim, count);
            assertThat(seen).hasSize(viewSize);
            for (int i = 0; i < viewSize; i++) {
                assertThat(seen[i]).isCloseTo(expected[image * viewSize + i], within(tolerance));
            }
        }
    }

    @Test
    void theViewOfAllImagesIsThatOfTheReference() {
        NpyArray features = golden.array("viz/features");
        float[] expected = golden.array("viz/pca_joint").floats();
        double tolerance = golden.tolerance("viz/pca_joint");
        int count = golden.hyper().get("viz").get("n_components_joint").asInt();
        double[] seen = view(features.floats(), features.size(3), count);
        assertThat(seen).hasSize(expected.length);
        for (int i = 0; i < seen.length; i++) {
            assertThat(seen[i]).isCloseTo(expected[i], within(tolerance));
        }
    }

    /** {@code [rows, components]}. */
    private static double[] view(float[] features, int dim, int count) {
        return flat(PrincipalComponents.of(PrincipalComponents.rows(features, dim), count));
    }

    private static double[] flat(double[][] columns) {
        return IntStream.range(0, columns[0].length)
                .boxed()
                .flatMapToDouble(row -> Arrays.stream(columns).mapToDouble(column -> column[row]))
                .toArray();
    }

    @Test
    void coloursAreThoseOfTheReference() {
        NpyArray expected = golden.array("viz/rgb_separate");
        NpyArray view = golden.array("viz/pca_separate");
        double[] values = view.doubles();
        int count = view.size(2);
        double[][] components = IntStream.range(0, count)
                .mapToObj(c -> IntStream.range(0, values.length / count)
                        .mapToDouble(row -> values[row * count + c])
                        .toArray())
                .toArray(double[][]::new);
        int rows = expected.size(1);
        int columns = expected.size(2);
        int at = 0;
        for (int image = 0; image < expected.size(0); image++) {
            for (int patch = 0; patch < rows * columns; patch++) {
                int rgb = PcaPictures.rgb(components, 7, image * rows * columns + patch);
                for (int shift = 16; shift >= 0; shift -= 8) {
                    int wanted = Byte.toUnsignedInt(expected.bytes()[at++]);
                    assertThat(rgb >> shift & 255).isBetween(wanted - 1, wanted + 1);
                }
            }
        }
    }

    @Test
    void enlargementIsThatOfTheReference() {
        for (String name : golden.names("viz/rgb_separate_")) {
            int image = Integer.parseInt(name.substring(0, name.indexOf('_')));
            assertEnlarged(image, golden.array("viz/rgb_separate_" + name));
        }
    }

    private void assertEnlarged(int which, NpyArray expected) {
        NpyArray small = golden.array("viz/rgb_separate");
        int size = 3 * small.size(1) * small.size(2);
        byte[] colours = Arrays.copyOfRange(small.bytes(), which * size, (which + 1) * size);
        var image = new BufferedImage(small.size(2), small.size(1), BufferedImage.TYPE_INT_RGB);
        for (int patch = 0; patch < small.size(1) * small.size(2); patch++) {
            image.setRGB(patch % small.size(2), patch / small.size(2), rgb(colours, 3 * patch));
        }
        int side = expected.size(0);
        BufferedImage large = Picture.enlarged(image, side);
        byte[] wanted = expected.bytes();
        for (int pixel = 0; pixel < side * side; pixel++) {
            assertThat(large.getRGB(pixel % side, pixel / side) & 0xffffff).isEqualTo(rgb(wanted, 3 * pixel));
        }
    }

    private static int rgb(byte[] values, int at) {
        return Picture.colour(
                Byte.toUnsignedInt(values[at]), Byte.toUnsignedInt(values[at + 1]), Byte.toUnsignedInt(values[at + 2]));
    }
}

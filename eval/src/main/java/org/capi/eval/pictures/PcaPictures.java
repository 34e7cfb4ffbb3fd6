package org.capi.eval.pictures;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntUnaryOperator;
import org.capi.data.Progress;
import org.capi.data.Require;
import org.capi.data.arrow.ImageDataset;
import org.capi.data.files.DurableFile;
import org.capi.eval.features.LoadedModel;
import org.capi.eval.features.Transform;

/**
 * Draws feature maps: images spread evenly over a dataset, each as a square, next to the principal components of its
 * own patches and of the patches of all images.
 *
 * @param images how many
 * @param imageSize side of the square that the encoder sees, in pixels
 * @param transform how an image becomes a square
 * @param imageMeans what becomes of each image's mean before the components of all images are computed
 * @param threads that decode
 */
public record PcaPictures(int images, int imageSize, Transform transform, ImageMeans imageMeans, int threads) {

    public static final String COLOURS = "pca.png";

    public static final String COMPONENTS = "components.png";

    public static final String FLIPS = "flips.png";

    private static final int COMPONENTS_SEPARATE = 6;
    private static final int COMPONENTS_JOINT = 10;
    private static final int SIGNS = 8;
    private static final int UNFLIPPED = 7;
    private static final int CHANNELS = 3;
    private static final double LIMIT = 2.3;

    /** The mean of the patch features of an image. */
    public enum ImageMeans {
        /** It is subtracted: the components are those that vary within images, such as object and background. */
        REMOVED,
        /**
         * It stays, as in the reference implementation: where whole images differ most, each has a colour of its own.
         */
        KEPT;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public PcaPictures(int images, int imageSize, int threads) {
        this(images, imageSize, Transform.SQUASH, ImageMeans.REMOVED, threads);
    }

    public PcaPictures {
        Require.atLeastOne("images", images);
        Require.atLeastOne("image_size", imageSize);
        Require.atLeastOne("threads", threads);
    }

    /**
     * All views of the same images.
     *
     * @param colours three components as colours, of each image and of all together
     * @param components each component of all together, from blue to red
     * @param flips the colours of all together with each choice of signs
     */
    public record Views(PcaGrid colours, ImageGrid components, ImageGrid flips) {

        public void write(Path folder) throws IOException {
            colours.write(folder);
            DurableFile.write(folder.resolve(COMPONENTS), components.png());
            DurableFile.write(folder.resolve(FLIPS), flips.png());
        }
    }

    /** Images next to the principal components of their features as colours, one row for each. */
    public record PcaGrid(List<Row> rows) {

        private static final List<String> CAPTIONS = List.of("image", "pca of this image", "pca of all images");

        public PcaGrid {
            rows = List.copyOf(rows);
        }

        /**
         * One image and its views, all of one size.
         *
         * @param own the view of its patches alone
         * @param joint the view of its patches among those of all images
         */
        public record Row(BufferedImage image, BufferedImage own, BufferedImage joint) {}

        public byte[] png() {
            return new ImageGrid(
                            CAPTIONS,
                            rows.stream()
                                    .map(row -> List.of(row.image, row.own, row.joint))
                                    .toList())
                    .png();
        }

        /** Writes {@code pca.png} and one file for each image into a folder, which is made if need be. */
        public void write(Path folder) throws IOException {
            Files.createDirectories(folder);
            for (int i = 0; i < rows.size(); i++) {
                DurableFile.write(
                        folder.resolve(String.format(Locale.ROOT, "pca-%03d.png", i)),
                        new PcaGrid(List.of(rows.get(i))).png());
            }
            DurableFile.write(folder.resolve(COLOURS), png());
        }
    }

    /** Encodes and draws three components as colours. */
    public PcaGrid draw(LoadedModel model, ImageDataset dataset, Progress progress) throws IOException {
        return views(model, dataset, progress).colours();
    }

    public Views views(LoadedModel model, ImageDataset dataset, Progress progress) throws IOException {
        FigureImages seen = FigureImages.of(model, dataset, images, transform, imageSize, threads, progress);
        double[][] features = PrincipalComponents.rows(seen.features(), seen.dim());
        double[][] compared = imageMeans == ImageMeans.REMOVED ? withoutImageMeans(features, seen.patches()) : features;
        double[][] joint = PrincipalComponents.of(compared, COMPONENTS_JOINT);
        Map<String, IntUnaryOperator> components = new LinkedHashMap<>();
        for (double[] component : joint) {
            components.put("component " + (components.size() + 1), patch -> Palette.diverging(component[patch]));
        }
        Map<String, IntUnaryOperator> flips = new LinkedHashMap<>();
        for (int i = 0; i < SIGNS; i++) {
            int flip = i;
            flips.put("signs " + signs(flip), patch -> rgb(joint, flip, patch));
        }
        return new Views(colours(seen, features, joint), seen.grid(components), seen.grid(flips));
    }

    /** {@code [images * patches, dim]}, less the mean over the patches of each image. */
    static double[][] withoutImageMeans(double[][] features, int patches) {
        int dim = features[0].length;
        double[][] centred = new double[features.length][dim];
        for (int first = 0; first < features.length; first += patches) {
            for (int d = 0; d < dim; d++) {
                double sum = 0;
                for (int patch = first; patch < first + patches; patch++) {
                    sum += features[patch][d];
                }
                for (int patch = first; patch < first + patches; patch++) {
                    centred[patch][d] = features[patch][d] - sum / patches;
                }
            }
        }
        return centred;
    }

    private static PcaGrid colours(FigureImages seen, double[][] features, double[][] joint) {
        List<PcaGrid.Row> rows = new ArrayList<>();
        for (int i = 0; i < seen.count(); i++) {
            int first = i * seen.patches();
            double[][] own = PrincipalComponents.of(
                    Arrays.copyOfRange(features, first, first + seen.patches()), COMPONENTS_SEPARATE);
            rows.add(new PcaGrid.Row(
                    seen.shown(i),
                    seen.view(i, patch -> rgb(own, UNFLIPPED, patch - first)),
                    seen.view(i, patch -> rgb(joint, UNFLIPPED, patch))));
        }
        return new PcaGrid(rows);
    }

    /**
     * The first three components of a patch as a colour: {@code 255·clip((z + 2.3) / 4.6, 0, 1)}, truncated.
     *
     * @param components {@code [components, patches]}
     * @param flip one of the eight choices of signs
     */
    static int rgb(double[][] components, int flip, int patch) {
        int[] levels = new int[CHANNELS];
        for (int c = 0; c < CHANNELS; c++) {
            double z = c < components.length ? sign(flip, c) * components[c][patch] : 0;
            levels[c] = (int) (255 * Math.max(0, Math.min(1, (z + LIMIT) / (2 * LIMIT))));
        }
        return Picture.colour(levels[0], levels[1], levels[2]);
    }

    /** The sign of one of the first three components in one of the eight choices, in the order of the reference. */
    static int sign(int flip, int component) {
        int bit = component == 0 ? 1 : component == 1 ? 2 : 0;
        return ((flip >> bit) & 1) == 0 ? -1 : 1;
    }

    static String signs(int flip) {
        var text = new StringBuilder();
        for (int component = 0; component < CHANNELS; component++) {
            text.append(sign(flip, component) < 0 ? '-' : '+');
        }
        return text.toString();
    }
}

package org.capi.eval.pictures;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.capi.data.Progress;
import org.capi.data.arrow.ImageDataset;
import org.capi.data.files.DurableFile;
import org.capi.eval.features.LoadedModel;
import org.capi.eval.features.Transform;

/**
 * Draws feature maps: images spread evenly over a dataset, each as a square, beside the principal components of its
 * own patches and of the patches of all images.
 *
 * @param images how many
 * @param imageSize side of the square that the encoder sees, in pixels
 * @param transform how an image becomes a square
 * @param threads that decode
 */
public record PcaPictures(int images, int imageSize, Transform transform, int threads) {

    /** How many images are drawn if it is not said. */
    public static final int IMAGES = 8;

    /** The file of the components as colours. */
    public static final String COLOURS = "pca.png";

    /** The file of the components one by one. */
    public static final String COMPONENTS = "components.png";

    /** The file of the colours with every choice of signs. */
    public static final String FLIPS = "flips.png";

    private static final int COMPONENTS_SEPARATE = 6;
    private static final int COMPONENTS_JOINT = 10;
    private static final int SIGNS = 8;
    private static final String IMAGE = "image";

    /** Of squashed images. */
    public PcaPictures(int images, int imageSize, int threads) {
        this(images, imageSize, Transform.SQUASH, threads);
    }

    public PcaPictures {
        if (images < 1) {
            throw new IllegalArgumentException("images must be at least 1, was " + images);
        }
        if (imageSize < 1) {
            throw new IllegalArgumentException("image_size must be at least 1, was " + imageSize);
        }
        if (threads < 1) {
            throw new IllegalArgumentException("threads must be at least 1, was " + threads);
        }
    }

    /**
     * All views of the same images.
     *
     * @param sheet three components as colours, of each image and of all together
     * @param components each component of all together, from blue to red
     * @param flips the colours of all together with each choice of signs
     */
    public record Views(PcaSheet sheet, Sheet components, Sheet flips) {

        /** Writes them into a folder, which is made if need be. */
        public void write(Path folder) throws IOException {
            sheet.write(folder);
            DurableFile.write(folder.resolve(COMPONENTS), components.png());
            DurableFile.write(folder.resolve(FLIPS), flips.png());
        }
    }

    /** Encodes and draws three components as colours. */
    public PcaSheet draw(LoadedModel model, ImageDataset dataset, Progress progress) throws IOException {
        return views(model, dataset, progress).sheet();
    }

    /** Encodes and draws. */
    public Views views(LoadedModel model, ImageDataset dataset, Progress progress) throws IOException {
        EncodedImages seen = EncodedImages.of(model, dataset, images, transform, imageSize, threads, progress);
        float[] features = seen.features();
        try (var joint = new PrincipalComponents(seen.dim(), COMPONENTS_JOINT)) {
            double[] ofAll = joint.of(features);
            return new Views(
                    sheet(seen, features, ofAll, joint.count()),
                    components(seen, ofAll, joint.count()),
                    flips(seen, ofAll, joint.count()));
        }
    }

    private static PcaSheet sheet(EncodedImages seen, float[] features, double[] ofAll, int count) {
        List<PcaSheet.Row> drawn = new ArrayList<>();
        int patches = seen.rows() * seen.columns();
        int size = patches * seen.dim();
        try (var separate = new PrincipalComponents(seen.dim(), COMPONENTS_SEPARATE)) {
            for (int i = 0; i < seen.count(); i++) {
                double[] own = separate.of(Arrays.copyOfRange(features, i * size, (i + 1) * size));
                BufferedImage ownView = PcaView.draw(own, separate.count(), 0, seen.rows(), seen.columns());
                BufferedImage jointView = PcaView.draw(ofAll, count, i * patches, seen.rows(), seen.columns());
                drawn.add(new PcaSheet.Row(
                        seen.image(i).name(),
                        seen.shown(i),
                        Picture.enlarged(ownView, seen.shownSide()),
                        Picture.enlarged(jointView, seen.shownSide())));
            }
        }
        return new PcaSheet(drawn);
    }

    private static Sheet components(EncodedImages seen, double[] ofAll, int count) {
        List<String> captions = new ArrayList<>(List.of(IMAGE));
        IntStream.rangeClosed(1, count).forEach(c -> captions.add("component " + c));
        List<List<BufferedImage>> rows = new ArrayList<>();
        for (int i = 0; i < seen.count(); i++) {
            List<BufferedImage> row = new ArrayList<>(List.of(seen.shown(i)));
            for (int c = 0; c < count; c++) {
                row.add(Picture.enlarged(
                        PcaView.heat(ofAll, count, c, i * seen.rows() * seen.columns(), seen.rows(), seen.columns()),
                        seen.shownSide()));
            }
            rows.add(row);
        }
        return new Sheet(captions, rows);
    }

    private static Sheet flips(EncodedImages seen, double[] ofAll, int count) {
        List<String> captions = new ArrayList<>(List.of(IMAGE));
        IntStream.range(0, SIGNS).forEach(flip -> captions.add("signs " + PcaView.signs(flip)));
        List<List<BufferedImage>> rows = new ArrayList<>();
        for (int i = 0; i < seen.count(); i++) {
            List<BufferedImage> row = new ArrayList<>(List.of(seen.shown(i)));
            for (int flip = 0; flip < SIGNS; flip++) {
                double[] flipped = PcaView.flipped(ofAll, count, flip);
                BufferedImage view =
                        PcaView.draw(flipped, count, i * seen.rows() * seen.columns(), seen.rows(), seen.columns());
                row.add(Picture.enlarged(view, seen.shownSide()));
            }
            rows.add(row);
        }
        return new Sheet(captions, rows);
    }
}

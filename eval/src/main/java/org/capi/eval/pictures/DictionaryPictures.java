package org.capi.eval.pictures;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.capi.data.Progress;
import org.capi.data.arrow.ImageDataset;
import org.capi.eval.features.LoadedModel;
import org.capi.eval.features.Transform;

/**
 * Draws the sparse codes of patches among the patches of all images: 3, 6 and 10 atoms, each in a colour.
 *
 * @param images how many, spread evenly over a dataset
 * @param imageSize side of the square that the encoder sees, in pixels
 * @param transform how an image becomes a square
 * @param alpha the price of a code, {@code |X - UV|²/2 + alpha·Σ|U|}
 * @param threads that decode, and compute codes
 */
public record DictionaryPictures(int images, int imageSize, Transform transform, double alpha, int threads) {

    /** How many images are drawn if it is not said. */
    public static final int IMAGES = 8;

    /** The price of a code if it is not said. */
    public static final double ALPHA = 1;

    /** What the picture is called. */
    public static final String FILE = "dictionary.png";

    private static final List<Integer> ATOMS = List.of(3, 6, 10);

    public DictionaryPictures {
        if (images < 1 || imageSize < 1 || threads < 1) {
            throw new IllegalArgumentException("images, image_size and threads must be at least 1, were " + images
                    + ", " + imageSize + " and " + threads);
        }
        if (!(alpha > 0)) {
            throw new IllegalArgumentException("alpha must be greater than 0, was " + alpha);
        }
    }

    /** Encodes, learns and draws. */
    public Sheet draw(LoadedModel model, ImageDataset dataset, Progress progress) throws IOException {
        EncodedImages seen = EncodedImages.of(model, dataset, images, transform, imageSize, threads, progress);
        double[][] patches = patches(seen.features(), seen.dim());
        List<String> captions = new ArrayList<>(List.of("image"));
        List<List<BufferedImage>> rows = new ArrayList<>();
        for (int i = 0; i < seen.count(); i++) {
            rows.add(new ArrayList<>(List.of(seen.shown(i))));
        }
        for (int atoms : ATOMS) {
            if (atoms > Math.min(seen.dim(), patches.length)) {
                continue; // there are no more atoms than values in a feature
            }
            captions.add(atoms + " atoms");
            double[][] codes = Dictionary.learn(patches, atoms, alpha, threads).codes();
            double largest = CodeView.largest(codes);
            for (int i = 0; i < seen.count(); i++) {
                BufferedImage view =
                        CodeView.draw(codes, largest, i * seen.rows() * seen.columns(), seen.rows(), seen.columns());
                rows.get(i).add(Picture.enlarged(view, seen.shownSide()));
            }
        }
        return new Sheet(captions, rows);
    }

    private static double[][] patches(float[] features, int dim) {
        double[][] patches = new double[features.length / dim][dim];
        for (int i = 0; i < features.length; i++) {
            patches[i / dim][i % dim] = features[i];
        }
        return patches;
    }
}

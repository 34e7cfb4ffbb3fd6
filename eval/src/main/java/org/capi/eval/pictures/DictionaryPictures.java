package org.capi.eval.pictures;

import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntUnaryOperator;
import org.capi.data.Progress;
import org.capi.data.Require;
import org.capi.data.arrow.ImageDataset;
import org.capi.eval.features.LoadedModel;
import org.capi.eval.features.Transform;

/**
 * Draws the sparse codes of patches among the patches of all images: 3, 6 and 10 atoms, each in a colour.
 *
 * @param images how many, spread evenly over a dataset
 * @param imageSize side of the square that the encoder sees, in pixels
 * @param transform how an image becomes a square
 * @param alpha the weight of the codes, {@code |X - UV|²/2 + alpha·Σ|U|}
 * @param threads that decode, and compute codes
 */
public record DictionaryPictures(int images, int imageSize, Transform transform, double alpha, int threads) {

    public static final String FILE = "dictionary.png";

    private static final List<Integer> ATOMS = List.of(3, 6, 10);

    private static final int[] PRIMARY_AND_SECONDARY = {0xff0000, 0x00ff00, 0x0000ff, 0x00ffff, 0xff00ff, 0xffff00};

    /** Ten hues that are easily told apart. */
    private static final int[] QUALITATIVE = {
        0x1f77b4, 0xff7f0e, 0x2ca02c, 0xd62728, 0x9467bd, 0x8c564b, 0xe377c2, 0x7f7f7f, 0xbcbd22, 0x17becf
    };

    public DictionaryPictures {
        Require.atLeastOne("images", images);
        Require.atLeastOne("image_size", imageSize);
        Require.atLeastOne("threads", threads);
        if (!(alpha > 0)) {
            throw new IllegalArgumentException("alpha must be greater than 0, was " + alpha);
        }
    }

    public ImageGrid draw(LoadedModel model, ImageDataset dataset, Progress progress) throws IOException {
        FigureImages seen = FigureImages.of(model, dataset, images, transform, imageSize, threads, progress);
        double[][] patches = PrincipalComponents.rows(seen.features(), seen.dim());
        Map<String, IntUnaryOperator> views = new LinkedHashMap<>();
        for (int atoms : ATOMS) {
            if (atoms <= Math.min(seen.dim(), patches.length)) { // there are no more atoms than values in a feature
                double[][] codes =
                        Dictionary.learn(patches, atoms, alpha, threads).codes();
                double largest = largest(codes);
                views.put(atoms + " atoms", patch -> mixture(codes[patch], largest));
            }
        }
        return seen.grid(views);
    }

    /** A colour for each of 3, 6 or 10 atoms. */
    static int colour(int atoms, int atom) {
        return atoms > PRIMARY_AND_SECONDARY.length ? QUALITATIVE[atom] : PRIMARY_AND_SECONDARY[atom];
    }

    /** The colour of a code: {@code clip(Σ |code| / largest · colour, 0, 1)}. */
    static int mixture(double[] code, double largest) {
        double[] mixed = new double[3];
        for (int atom = 0; atom < code.length && largest > 0; atom++) {
            int colour = colour(code.length, atom);
            for (int c = 0; c < 3; c++) {
                mixed[c] += Math.abs(code[atom]) / largest * ((colour >> (16 - 8 * c)) & 0xff);
            }
        }
        int[] levels = Arrays.stream(mixed)
                .mapToInt(value -> (int) Math.min(255, value))
                .toArray();
        return Picture.colour(levels[0], levels[1], levels[2]);
    }

    static double largest(double[][] codes) {
        return Arrays.stream(codes)
                .flatMapToDouble(Arrays::stream)
                .map(Math::abs)
                .max()
                .orElse(0);
    }
}

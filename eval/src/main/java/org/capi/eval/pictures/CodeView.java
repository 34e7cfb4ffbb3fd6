package org.capi.eval.pictures;

import java.awt.image.BufferedImage;
import java.util.List;

/** The codes of a dictionary as a mixture of one colour for each atom. */
final class CodeView {

    private static final List<Integer> PRIMARY = List.of(0xff0000, 0x00ff00, 0x0000ff);
    private static final List<Integer> SECONDARY = List.of(0x00ffff, 0xff00ff, 0xffff00);
    /** Ten hues that are told apart, of which no two look alike. */
    private static final List<Integer> QUALITATIVE =
            List.of(0x1f77b4, 0xff7f0e, 0x2ca02c, 0xd62728, 0x9467bd, 0x8c564b, 0xe377c2, 0x7f7f7f, 0xbcbd22, 0x17becf);

    private CodeView() {}

    /** A colour for each of 3, 6 or 10 atoms. */
    static int colour(int atoms, int atom) {
        if (atoms > PRIMARY.size() + SECONDARY.size()) {
            return QUALITATIVE.get(atom);
        }
        return atom < PRIMARY.size() ? PRIMARY.get(atom) : SECONDARY.get(atom - PRIMARY.size());
    }

    /** One pixel for each patch: {@code clip(Σ |code| / largest · colour, 0, 1)}. */
    static BufferedImage draw(double[][] codes, double largest, int first, int rows, int columns) {
        var image = new BufferedImage(columns, rows, BufferedImage.TYPE_INT_RGB);
        for (int patch = 0; patch < rows * columns; patch++) {
            double[] code = codes[first + patch];
            double[] mixed = new double[3];
            for (int atom = 0; atom < code.length && largest > 0; atom++) {
                int colour = colour(code.length, atom);
                for (int c = 0; c < 3; c++) {
                    mixed[c] += Math.abs(code[atom]) / largest * ((colour >> (16 - 8 * c)) & 0xff);
                }
            }
            image.setRGB(
                    patch % columns,
                    patch / columns,
                    Picture.colour(level(mixed[0]), level(mixed[1]), level(mixed[2])));
        }
        return image;
    }

    /** The largest magnitude of all codes. */
    static double largest(double[][] codes) {
        double largest = 0;
        for (double[] code : codes) {
            for (double value : code) {
                largest = Math.max(largest, Math.abs(value));
            }
        }
        return largest;
    }

    private static int level(double value) {
        return (int) Math.min(255, value);
    }
}

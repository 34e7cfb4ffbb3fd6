package org.capi.eval.pictures;

import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Pictures of one size in rows, with a caption above each column, and below them what colours mean.
 *
 * @param captions lower-case letters and digits
 * @param legend the names of labels, whose colours are those of {@link Palette}
 */
public record ImageGrid(List<String> captions, List<List<BufferedImage>> rows, Map<Integer, String> legend) {

    private static final int GAP = 8;
    private static final int CAPTION_HEIGHT = 24;
    private static final int WHITE = 0xffffff;
    private static final int INK = 0x333333;
    private static final int LEGEND_WIDTH = 224;
    private static final int MAX_LEGEND_LETTERS = 16;

    private static final int DOT = 2;
    private static final int DOTS_HIGH = 9;
    private static final int DOTS_WIDE = 5;
    private static final int TEXT_HEIGHT = DOTS_HIGH * DOT;

    /**
     * A Java runtime draws text only where the machine has fonts, which a bare server has not. Each glyph is nine rows
     * from the top, two of them below the line, each a digit in base 32 whose bits are the dots from left to right.
     */
    private static final String GLYPHS = """
            a00e1fhf00 bggmphpm00 c00ehghe00 d11djhjd00 e00ehvge00 f698s88800 g00fhhhf1e hggmphhh00 i40c444e00
            j2062222ic kggikoki00 lc44444e00 m00qllhh00 n00mphhh00 o00ehhhe00 p00uhhhugg q00fhhhf11 r00mpggg00
            s00ege1u00 t88s889600 u00hhhjd00 v00hhha400 w00hhlla00 x00ha4ah00 y00hhhhf1e z00v248v00 0ehjlphe00
            14c4444e00 2eh1248v00 3v2421he00 426aiv2200 5vgu11he00 668guhhe00 7v12488800 8ehhehhe00 9ehhf12c00
            +0044v4400 -0000e0000
            """;

    public ImageGrid(List<String> captions, List<List<BufferedImage>> rows) {
        this(captions, rows, Map.of());
    }

    public ImageGrid {
        captions = List.copyOf(captions);
        rows = rows.stream().map(List::copyOf).toList();
        legend = Collections.unmodifiableMap(new TreeMap<>(legend));
        for (List<BufferedImage> row : rows) {
            if (row.size() != captions.size()) {
                throw new IllegalArgumentException(
                        "a row of " + row.size() + " pictures does not fit " + captions.size() + " captions");
            }
        }
    }

    public byte[] png() {
        int side = rows.get(0).get(0).getWidth();
        int width = captions.size() * (side + GAP) + GAP;
        int pictures = rows.size() * (side + GAP) + CAPTION_HEIGHT;
        int columns = Math.max(1, width / LEGEND_WIDTH);
        int height = pictures + (legend.size() + columns - 1) / columns * CAPTION_HEIGHT;
        var grid = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        fill(grid, 0, 0, width, height, WHITE);
        for (int column = 0; column < captions.size(); column++) {
            int left = GAP + column * (side + GAP);
            write(grid, captions.get(column), left, (CAPTION_HEIGHT - TEXT_HEIGHT) / 2);
            for (int row = 0; row < rows.size(); row++) {
                paste(grid, rows.get(row).get(column), left, CAPTION_HEIGHT + row * (side + GAP));
            }
        }
        int index = 0;
        for (Map.Entry<Integer, String> label : legend.entrySet()) {
            int left = GAP + index % columns * LEGEND_WIDTH;
            int top = pictures + index / columns * CAPTION_HEIGHT;
            fill(grid, left, top, TEXT_HEIGHT, TEXT_HEIGHT, Palette.of(label.getKey()));
            String name = label.getValue().toLowerCase(Locale.ROOT);
            String cut = name.substring(0, Math.min(name.length(), MAX_LEGEND_LETTERS));
            write(grid, cut, left + TEXT_HEIGHT + GAP, top);
            index++;
        }
        return Picture.png(grid);
    }

    private static void fill(BufferedImage onto, int left, int top, int width, int height, int colour) {
        int[] pixels = new int[width * height];
        Arrays.fill(pixels, colour);
        onto.setRGB(left, top, width, height, pixels, 0, width);
    }

    private static void paste(BufferedImage onto, BufferedImage picture, int left, int top) {
        int width = picture.getWidth();
        int height = picture.getHeight();
        onto.setRGB(left, top, width, height, picture.getRGB(0, 0, width, height, null, 0, width), 0, width);
    }

    /** Writes lower-case letters, digits, + and -; anything else is left blank. */
    private static void write(BufferedImage onto, String text, int left, int top) {
        for (int i = 0; i < text.length(); i++) {
            String glyph = glyph(text.charAt(i));
            for (int y = 0; y < glyph.length() * DOT; y++) {
                int dots = Character.digit(glyph.charAt(y / DOT), 32);
                for (int x = 0; x < DOTS_WIDE * DOT; x++) {
                    if ((dots >> (DOTS_WIDE - 1 - x / DOT) & 1) == 1) {
                        onto.setRGB(left + i * (DOTS_WIDE + 1) * DOT + x, top + y, INK);
                    }
                }
            }
        }
    }

    private static String glyph(char letter) {
        return GLYPHS.lines()
                .flatMap(line -> Arrays.stream(line.split(" ")))
                .filter(glyph -> glyph.charAt(0) == letter)
                .map(glyph -> glyph.substring(1))
                .findFirst()
                .orElse("");
    }
}

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
 * @param legend the names of labels, whose colours are those of {@link LabelColours}
 */
public record Sheet(List<String> captions, List<List<BufferedImage>> rows, Map<Integer, String> legend) {

    private static final int GAP = 8;
    private static final int CAPTION_HEIGHT = 24;
    private static final int WHITE = 0xffffff;
    private static final int LEGEND_WIDTH = 224;
    private static final int MAX_LEGEND_LETTERS = 16;

    /** Without a legend. */
    public Sheet(List<String> captions, List<List<BufferedImage>> rows) {
        this(captions, rows, Map.of());
    }

    public Sheet {
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

    /** As a PNG file. */
    public byte[] png() {
        int side = rows.get(0).get(0).getWidth();
        int width = captions.size() * (side + GAP) + GAP;
        int pictures = rows.size() * (side + GAP) + CAPTION_HEIGHT;
        int columns = Math.max(1, width / LEGEND_WIDTH);
        int height = pictures + (legend.size() + columns - 1) / columns * CAPTION_HEIGHT;
        var sheet = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        int[] line = new int[width];
        Arrays.fill(line, WHITE);
        for (int y = 0; y < height; y++) {
            sheet.setRGB(0, y, width, 1, line, 0, 0);
        }
        for (int column = 0; column < captions.size(); column++) {
            int left = GAP + column * (side + GAP);
            Lettering.write(sheet, captions.get(column), left, (CAPTION_HEIGHT - Lettering.HEIGHT) / 2);
            for (int row = 0; row < rows.size(); row++) {
                paste(sheet, rows.get(row).get(column), left, CAPTION_HEIGHT + row * (side + GAP));
            }
        }
        int place = 0;
        for (Map.Entry<Integer, String> label : legend.entrySet()) {
            int left = GAP + place % columns * LEGEND_WIDTH;
            int top = pictures + place / columns * CAPTION_HEIGHT;
            explain(sheet, label.getKey(), label.getValue(), left, top);
            place++;
        }
        return Picture.png(sheet);
    }

    /** A square in the colour of a label, and its name as far as there are letters for it. */
    private static void explain(BufferedImage sheet, int label, String name, int left, int top) {
        for (int i = 0; i < Lettering.HEIGHT * Lettering.HEIGHT; i++) {
            sheet.setRGB(left + i % Lettering.HEIGHT, top + i / Lettering.HEIGHT, LabelColours.of(label));
        }
        String text = name.toLowerCase(Locale.ROOT);
        String cut = text.length() <= MAX_LEGEND_LETTERS ? text : text.substring(0, MAX_LEGEND_LETTERS);
        Lettering.write(sheet, cut, left + Lettering.HEIGHT + GAP, top);
    }

    private static void paste(BufferedImage onto, BufferedImage picture, int left, int top) {
        int[] pixels = picture.getRGB(0, 0, picture.getWidth(), picture.getHeight(), null, 0, picture.getWidth());
        onto.setRGB(left, top, picture.getWidth(), picture.getHeight(), pixels, 0, picture.getWidth());
    }
}

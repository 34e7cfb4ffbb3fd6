package org.capi.eval.pictures;

import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.List;

/**
 * Pictures of one size in rows, with a caption above each column.
 *
 * @param captions lower-case letters and digits
 */
public record Sheet(List<String> captions, List<List<BufferedImage>> rows) {

    private static final int GAP = 8;
    private static final int CAPTION_HEIGHT = 24;
    private static final int WHITE = 0xffffff;

    public Sheet {
        captions = List.copyOf(captions);
        rows = rows.stream().map(List::copyOf).toList();
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
        int height = rows.size() * (side + GAP) + CAPTION_HEIGHT;
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
        return Picture.png(sheet);
    }

    private static void paste(BufferedImage onto, BufferedImage picture, int left, int top) {
        int[] pixels = picture.getRGB(0, 0, picture.getWidth(), picture.getHeight(), null, 0, picture.getWidth());
        onto.setRGB(left, top, picture.getWidth(), picture.getHeight(), pixels, 0, picture.getWidth());
    }
}

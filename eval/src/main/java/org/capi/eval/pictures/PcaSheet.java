package org.capi.eval.pictures;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.capi.data.files.DurableFile;

/** Images beside the principal components of their features, one row for each. */
public record PcaSheet(List<Row> rows) {

    private static final List<String> CAPTIONS = List.of("image", "pca of this image", "pca of all images");
    private static final int GAP = 8;
    private static final int CAPTION_HEIGHT = 24;
    private static final int WHITE = 0xffffff;

    public PcaSheet {
        rows = List.copyOf(rows);
    }

    /**
     * One image and its views, all of one size.
     *
     * @param name of the image in its dataset
     * @param own the view of its patches alone
     * @param joint the view of its patches among those of all images
     */
    public record Row(String name, BufferedImage image, BufferedImage own, BufferedImage joint) {

        List<BufferedImage> pictures() {
            return List.of(image, own, joint);
        }

        /** The three beside each other, as a PNG file. */
        public byte[] png() {
            return new PcaSheet(List.of(this)).png();
        }
    }

    /** All rows below each other, as a PNG file. */
    public byte[] png() {
        int side = rows.get(0).image().getWidth();
        int width = CAPTIONS.size() * (side + GAP) + GAP;
        int height = rows.size() * (side + GAP) + CAPTION_HEIGHT;
        var sheet = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        int[] line = new int[width];
        Arrays.fill(line, WHITE);
        for (int y = 0; y < height; y++) {
            sheet.setRGB(0, y, width, 1, line, 0, 0);
        }
        for (int column = 0; column < CAPTIONS.size(); column++) {
            int left = GAP + column * (side + GAP);
            Lettering.write(sheet, CAPTIONS.get(column), left, (CAPTION_HEIGHT - Lettering.HEIGHT) / 2);
            for (int row = 0; row < rows.size(); row++) {
                paste(sheet, rows.get(row).pictures().get(column), left, CAPTION_HEIGHT + row * (side + GAP));
            }
        }
        return Picture.png(sheet);
    }

    /** Writes {@code pca.png} and one file for each image into a folder, which is made if need be. */
    public void write(Path folder) throws IOException {
        Files.createDirectories(folder);
        for (int i = 0; i < rows.size(); i++) {
            String number = Integer.toString(i);
            DurableFile.write(
                    folder.resolve("pca-" + "0".repeat(Math.max(0, 3 - number.length())) + number + ".png"),
                    rows.get(i).png());
        }
        DurableFile.write(folder.resolve("pca.png"), png());
    }

    private static void paste(BufferedImage onto, BufferedImage picture, int left, int top) {
        int[] pixels = picture.getRGB(0, 0, picture.getWidth(), picture.getHeight(), null, 0, picture.getWidth());
        onto.setRGB(left, top, picture.getWidth(), picture.getHeight(), pixels, 0, picture.getWidth());
    }
}

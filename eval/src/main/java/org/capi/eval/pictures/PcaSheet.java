package org.capi.eval.pictures;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.capi.data.files.DurableFile;

/** Images beside the principal components of their features, one row for each. */
public record PcaSheet(List<Row> rows) {

    private static final List<String> CAPTIONS = List.of("image", "pca of this image", "pca of all images");

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
        return new Sheet(CAPTIONS, rows.stream().map(Row::pictures).toList()).png();
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
        DurableFile.write(folder.resolve(PcaPictures.COLOURS), png());
    }
}

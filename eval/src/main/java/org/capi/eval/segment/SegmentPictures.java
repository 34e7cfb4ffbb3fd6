package org.capi.eval.segment;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.capi.data.arrow.ImageDataset;
import org.capi.data.files.DurableFile;
import org.capi.data.files.FileNames;
import org.capi.eval.features.DecodedImages;
import org.capi.eval.features.Transform;
import org.capi.eval.pictures.ImageGrid;
import org.capi.eval.pictures.Picture;

/**
 * Test images next to their labels and to the predictions of each probe.
 *
 * @param what the features, as results name them
 * @param maps the labels of the pixels of all images, by what gave them; {@code labels} are the true ones
 */
public record SegmentPictures(
        String what, ImageDataset test, int imageSize, int grid, Map<String, PatchLabels> maps, int threads) {

    static final String TRUTH = "labels";

    private static final String IMAGE = "image";
    private static final int ON_SHEET = 6;
    private static final int SHOWN_SIDE = 224;

    /**
     * The files that were written.
     *
     * @param sheet the figure of some images
     * @param legend the names of the labels on it
     */
    public record Written(Path sheet, SortedMap<Integer, String> legend) {

        public Written {
            legend = Collections.unmodifiableSortedMap(new TreeMap<>(legend));
        }
    }

    /**
     * Writes a folder {@code predictions-WHAT} with a PNG file of every image and, with the labels as indices into a
     * palette, of every map of it, a list of the images' names, and a figure of some as {@code segment-WHAT.png}. A
     * folder of an earlier evaluation is replaced once this one is complete.
     */
    public Written write(Path folder) throws IOException {
        Path done = Files.createDirectories(folder).resolve("predictions-" + what);
        Path partial = Files.createDirectory(DurableFile.sibling(done));
        try {
            return write(folder, done, partial);
        } finally {
            DurableFile.deleteTree(partial);
        }
    }

    private Written write(Path folder, Path done, Path partial) throws IOException {
        List<List<BufferedImage>> rows = new ArrayList<>();
        var names = new StringBuilder();
        SortedMap<Integer, String> legend = new TreeMap<>();
        try (var images = new DecodedImages(test, Transform.SQUASH.view(imageSize), test.size(), threads)) {
            for (int i = 0; images.hasNext(); i++) {
                var image = images.next();
                names.append(number(i) + "\t" + FileNames.inCell(image.name()) + "\n");
                List<BufferedImage> row = row(i, Picture.of(image.pixels()), partial);
                if (i == (rows.size() * test.size() + rows.size()) / Math.min(ON_SHEET, test.size())) {
                    List<BufferedImage> shown = new ArrayList<>(List.of(Picture.shrunk(row.get(0), SHOWN_SIDE)));
                    for (BufferedImage map : row.subList(1, row.size())) {
                        shown.add(Picture.enlarged(map, SHOWN_SIDE));
                        for (int label :
                                map.getRaster().getPixels(0, 0, map.getWidth(), map.getHeight(), (int[]) null)) {
                            legend.computeIfAbsent(label, this::name);
                        }
                    }
                    rows.add(shown);
                }
            }
        }
        DurableFile.write(partial.resolve("images.tsv"), names.toString());
        DurableFile.deleteTree(done);
        DurableFile.move(partial, done);
        List<String> captions = new ArrayList<>(List.of(IMAGE));
        captions.addAll(maps.keySet());
        Path sheet = folder.resolve("segment-" + what + ".png");
        DurableFile.write(sheet, new ImageGrid(captions, rows, legend).png());
        return new Written(sheet, legend);
    }

    /** {@code 2 road}; only the number where the classes have no such label. */
    private String name(int label) {
        return label < test.classes().size() ? label + " " + test.classes().get(label) : label + " (ignored)";
    }

    /** Writes an image and its maps, and returns them. */
    private List<BufferedImage> row(int image, BufferedImage picture, Path folder) throws IOException {
        List<BufferedImage> row = new ArrayList<>(List.of(picture));
        Files.write(folder.resolve(number(image) + "-" + IMAGE + ".png"), Picture.png(picture));
        for (var map : maps.entrySet()) {
            byte[] labels = map.getValue().image(image * grid * grid, grid, grid);
            BufferedImage coloured = Picture.square(labels);
            Files.write(folder.resolve(number(image) + "-" + map.getKey() + ".png"), Picture.png(coloured));
            row.add(coloured);
        }
        return row;
    }

    private static String number(int image) {
        return String.format(Locale.ROOT, "%05d", image);
    }
}

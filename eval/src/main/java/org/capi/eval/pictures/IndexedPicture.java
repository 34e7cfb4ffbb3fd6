package org.capi.eval.pictures;

import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;

/** Label maps as pictures with a palette: the values stay labels, and are shown in colours. */
public final class IndexedPicture {

    private static final int LABELS = 256;

    private IndexedPicture() {}

    /** A square picture, row by row. */
    public static BufferedImage square(byte[] labels) {
        int side = (int) Math.round(Math.sqrt(labels.length));
        var picture = new BufferedImage(side, side, BufferedImage.TYPE_BYTE_INDEXED, palette());
        picture.getRaster().setDataElements(0, 0, side, side, labels);
        return picture;
    }

    private static IndexColorModel palette() {
        int[] colours = new int[LABELS];
        for (int label = 0; label < LABELS; label++) {
            colours[label] = LabelColours.of(label);
        }
        return new IndexColorModel(Byte.SIZE, LABELS, colours, 0, false, -1, DataBuffer.TYPE_BYTE);
    }
}

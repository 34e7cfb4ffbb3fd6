package org.capi.data.arrow;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.capi.data.image.ImageHeader;
import org.jspecify.annotations.Nullable;

/**
 * One image of a dataset, still encoded.
 *
 * @param name the path below the source's root
 * @param encoded the file as it was found: JPEG, PNG, GIF or BMP
 * @param label an index into the dataset's classes, or {@link #UNLABELLED}
 * @param labelMap a grey PNG of the image's size with a class for every pixel, or null
 */
public record ImageRecord(
        String name,
        ByteBuffer encoded,
        int label,
        @Nullable ByteBuffer labelMap,
        int width,
        int height) {

    public static final int UNLABELLED = -1;

    public ImageRecord withLabel(int other) {
        return new ImageRecord(name, encoded, other, labelMap, width, height);
    }

    /** The header of the image; with a label map, which fits the stored pixels, it is never turned. */
    public ImageHeader header() throws IOException {
        ImageHeader header = ImageHeader.read(encoded);
        return labelMap == null ? header : header.asStored();
    }
}

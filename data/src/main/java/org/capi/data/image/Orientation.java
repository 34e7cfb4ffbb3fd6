package org.capi.data.image;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What turns the stored pixels of an image into those to be shown; in the order of the EXIF values. */
public enum Orientation {
    UPRIGHT(false, false, false),
    MIRRORED(false, false, true),
    HALF_TURN(false, true, true),
    UPSIDE_DOWN_MIRRORED(false, true, false),
    TRANSPOSED(true, false, false),
    QUARTER_TURN_RIGHT(true, true, false),
    TRANSVERSED(true, true, true),
    QUARTER_TURN_LEFT(true, false, true);

    private static final int TAG = 0x0112;
    private static final String PREFIX = "Exif\0\0";
    private static final Pattern XMP_TAG = Pattern.compile("tiff:Orientation(?:=\"|>)([0-9])");

    private final boolean swapsAxes; // a shown row is a stored column
    private final boolean fromBottom; // stored rows are counted from the last
    private final boolean fromRight; // stored columns are counted from the last

    Orientation(boolean swapsAxes, boolean fromBottom, boolean fromRight) {
        this.swapsAxes = swapsAxes;
        this.fromBottom = fromBottom;
        this.fromRight = fromRight;
    }

    /** The orientation in EXIF data or, where they have none, in XMP data; upright where all are missing or broken. */
    static Orientation of(@Nullable ByteBuffer exif, @Nullable ByteBuffer xmp) {
        if (exif != null) {
            ByteBuffer tiff = exif.slice();
            if (ImageHeader.startsWith(tiff, PREFIX)) {
                tiff.position(PREFIX.length());
            }
            try {
                return of(TiffDirectory.read(tiff), xmp);
            } catch (IOException | BufferUnderflowException | IndexOutOfBoundsException e) {
                // As if there were none.
            }
        }
        return xmp == null ? UPRIGHT : ofXmp(xmp);
    }

    static Orientation of(TiffDirectory directory, @Nullable ByteBuffer xmp) {
        return directory.has(TAG) || xmp == null ? of(directory.value(TAG, 1)) : ofXmp(xmp);
    }

    private static Orientation ofXmp(ByteBuffer xmp) {
        Matcher matcher = XMP_TAG.matcher(StandardCharsets.ISO_8859_1.decode(xmp.duplicate()));
        return matcher.find() ? of(Integer.parseInt(matcher.group(1))) : UPRIGHT;
    }

    private static Orientation of(int value) {
        return value >= 1 && value <= values().length ? values()[value - 1] : UPRIGHT;
    }

    public boolean swapsAxes() {
        return swapsAxes;
    }

    /** Where a window of the shown image, whose size is given, lies in the stored one. */
    public CropBox stored(CropBox shown, int shownHeight, int shownWidth) {
        int rows = swapsAxes ? shown.width() : shown.height();
        int columns = swapsAxes ? shown.height() : shown.width();
        int row = swapsAxes ? shown.left() : shown.top();
        int column = swapsAxes ? shown.top() : shown.left();
        return new CropBox(
                fromBottom ? (swapsAxes ? shownWidth : shownHeight) - row - rows : row,
                fromRight ? (swapsAxes ? shownHeight : shownWidth) - column - columns : column,
                rows,
                columns);
    }

    /** The shown image of a stored one, or of a window of it. */
    public Pixels shown(Pixels stored) {
        if (this == UPRIGHT) {
            return stored;
        }
        int channels = stored.channels();
        int height = swapsAxes ? stored.width() : stored.height();
        int width = swapsAxes ? stored.height() : stored.width();
        int rowStep = stored.width() * channels * (fromBottom ? -1 : 1);
        int columnStep = channels * (fromRight ? -1 : 1);
        int first = ((fromBottom ? stored.height() - 1 : 0) * stored.width() + (fromRight ? stored.width() - 1 : 0))
                * channels;
        int down = swapsAxes ? columnStep : rowStep;
        int across = swapsAxes ? rowStep : columnStep;
        byte[] from = stored.toArray();
        byte[] to = new byte[from.length];
        int at = 0;
        for (int row = 0; row < height; row++) {
            int source = first + row * down;
            for (int column = 0; column < width; column++) {
                for (int channel = 0; channel < channels; channel++) {
                    to[at++] = from[source + channel];
                }
                source += across;
            }
        }
        return new Pixels(ByteBuffer.wrap(to), height, width, channels);
    }
}

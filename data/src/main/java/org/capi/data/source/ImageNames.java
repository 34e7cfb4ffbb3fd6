package org.capi.data.source;

import java.util.Locale;
import java.util.Set;

/** Which files of a collection are images, as their names tell. */
public final class ImageNames {

    // The last line's formats are not decoded; their files are offered so that they are counted and named.
    private static final Set<String> SUFFIXES = Set.of(
            "jpg", "jpeg", "jpe", "jfif", "png", "gif", "bmp", "webp", "tif", "tiff", "avif", "heic", "heif", "jp2",
            "j2k", "ico", "ppm", "pgm");

    private ImageNames() {}

    /** Whether a file has a suffix of images. */
    public static boolean isImage(String name) {
        return SUFFIXES.contains(name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT));
    }

    /** Whether a file or folder is passed over: a hidden one, or what archives of a Mac leave behind. */
    public static boolean isHidden(String name) {
        return name.startsWith(".") || name.equals("__MACOSX");
    }
}

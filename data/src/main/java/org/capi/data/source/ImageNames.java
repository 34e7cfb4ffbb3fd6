package org.capi.data.source;

import java.util.Locale;
import java.util.Set;

/** Which files of a collection are images, as their names tell. */
public final class ImageNames {

    // The last line's formats are not decoded; their files are offered so that they are counted and named.
    private static final Set<String> SUFFIXES = Set.of(
            "jpg", "jpeg", "jpe", "jfif", "png", "gif", "bmp", "webp", "tif", "tiff", "avif", "heic", "heif", "jp2",
            "j2k", "ico", "ppm", "pgm");

    // What systems, file servers and archives leave behind: macOS, Synology, QNAP, Linux, Windows, Python.
    private static final Set<String> LEFTOVERS = Set.of(
            "__macosx",
            "network trash folder",
            "temporary items",
            "icon\r",
            "@eadir",
            "#recycle",
            "#snapshot",
            "@tmp",
            "@sharebin",
            "@recycle",
            "@recently-snapshot",
            "@transcode",
            "lost+found",
            "$recycle.bin",
            "recycler",
            "recycled",
            "system volume information",
            "found.000",
            "thumbs.db",
            "ehthumbs.db",
            "ehthumbs_vista.db",
            "desktop.ini",
            "__pycache__");

    private ImageNames() {}

    /** Whether a file has a suffix of images. */
    public static boolean isImage(String name) {
        return SUFFIXES.contains(name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT));
    }

    /** The suffixes of images, in lower case. */
    public static Set<String> suffixes() {
        return SUFFIXES;
    }

    /** Whether a file or folder is passed over: a hidden one, or one of a system, such as thumbnails and waste. */
    public static boolean isHidden(String name) {
        return name.startsWith(".") || LEFTOVERS.contains(name.toLowerCase(Locale.ROOT));
    }
}

package org.capi.data.source;

import java.io.File;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.capi.data.files.FileNames;

/** Which files of a collection are images, by their names. */
public final class ImageNames {

    /**
     * The suffixes of images, in lower case; formats that are not decoded are offered, so that they are counted and
     * named.
     */
    public static final Set<String> SUFFIXES = Set.of(
            "jpg", "jpeg", "jpe", "jfif", "png", "gif", "bmp", "webp", "tif", "tiff", "avif", "heic", "heif", "jp2",
            "j2k", "ico", "ppm", "pgm");

    // What systems, file servers and archives leave behind: macOS, Synology, QNAP, Linux, Windows, Python.
    private static final Set<String> LEFTOVERS = Set.of(("__macosx/network trash folder/temporary items/icon\r/@eadir/"
                    + "#recycle/#snapshot/@tmp/@sharebin/@recycle/@recently-snapshot/@transcode/lost+found/$recycle.bin/"
                    + "recycler/recycled/system volume information/found.000/thumbs.db/ehthumbs.db/ehthumbs_vista.db/"
                    + "desktop.ini/__pycache__")
            .split("/", -1));

    private ImageNames() {}

    /** Whether a file, given by its name or path, has the suffix of an image. */
    public static boolean isImage(String name) {
        return SUFFIXES.contains(name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT));
    }

    /** Whether a file or folder is skipped: a hidden one, or one of a system, such as thumbnails and waste. */
    public static boolean isHidden(String name) {
        return name.startsWith(".") || LEFTOVERS.contains(name.toLowerCase(Locale.ROOT));
    }

    /** Whether a path in an archive is hidden, or lies in a hidden folder. */
    public static boolean isHiddenPath(String path) {
        return Stream.of(FileNames.normal(path).split("/", -1)).anyMatch(ImageNames::isHidden);
    }

    /** The path of a file below a folder, with slashes. */
    public static String relative(Path folder, Path file) {
        return FileNames.text(folder.relativize(file)).replace(File.separatorChar, '/');
    }
}

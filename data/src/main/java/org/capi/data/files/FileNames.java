package org.capi.data.files;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** Names of files that another file gives, which must not lead out of its folder. */
public final class FileNames {

    private FileNames() {}

    /** The file that a name means below a folder; a name that leads out of the folder is refused. */
    public static Path below(Path folder, String name) {
        try {
            Path file = folder.resolve(name);
            Path root = folder.toAbsolutePath().normalize();
            Path place = file.toAbsolutePath().normalize();
            if (place.startsWith(root) && !place.equals(root)) {
                return file;
            }
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException(shown(name) + " is not a valid file name", e);
        }
        throw new IllegalArgumentException(shown(name) + " is not a path below " + folder);
    }

    /** A name of a file in the folder itself; a path is refused. */
    public static String plain(String name) {
        if (name.isEmpty() || name.equals(".") || name.equals("..") || !name.matches("[^/\\\\\\p{Cntrl}]+")) {
            throw new IllegalArgumentException(shown(name) + " is not the name of a file");
        }
        return name;
    }

    private static String shown(String name) {
        String start = name.length() <= 200 ? name : name.substring(0, 200) + "...";
        return "'" + start.replaceAll("\\p{Cntrl}", "?") + "'";
    }
}

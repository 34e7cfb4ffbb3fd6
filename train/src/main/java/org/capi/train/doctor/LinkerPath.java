package org.capi.train.doctor;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** The folders in which the dynamic linker looks for a library. */
final class LinkerPath {

    private static final List<String> DEFAULTS =
            List.of("/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib64", "/usr/lib64", "/lib", "/usr/lib");

    private LinkerPath() {}

    /** The folders that exist, of {@code LD_LIBRARY_PATH}, of the linker's configuration, and its own. */
    static List<Path> folders(String libraryPath, Path linkerConfiguration) {
        Set<Path> folders = new LinkedHashSet<>();
        for (String folder : libraryPath.split(":", -1)) {
            if (!folder.isBlank()) {
                folders.add(Path.of(folder));
            }
        }
        folders.addAll(configured(linkerConfiguration));
        DEFAULTS.forEach(folder -> folders.add(Path.of(folder)));
        return folders.stream().filter(Files::isDirectory).toList();
    }

    /** The folders that a file such as {@code /etc/ld.so.conf} names, those of the files that it includes too. */
    private static List<Path> configured(Path file) {
        List<Path> folders = new ArrayList<>();
        try (Stream<String> lines = Files.lines(file)) {
            for (String line : lines.map(String::strip).toList()) {
                if (line.startsWith("include ")) {
                    included(file, line.substring("include ".length()).strip())
                            .forEach(f -> folders.addAll(configured(f)));
                } else if (line.startsWith("/")) {
                    folders.add(Path.of(line));
                }
            }
        } catch (IOException e) {
            return folders; // not there or not readable: the linker goes without it too
        }
        return folders;
    }

    private static List<Path> included(Path file, String pattern) throws IOException {
        Path glob = file.resolveSibling(pattern);
        Path folder = glob.getParent();
        Path names = glob.getFileName();
        List<Path> files = new ArrayList<>();
        if (folder != null && names != null && Files.isDirectory(folder)) {
            try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, names.toString())) {
                found.forEach(files::add);
            }
        }
        files.sort(null);
        return files;
    }
}

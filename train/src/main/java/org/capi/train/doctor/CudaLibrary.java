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
import org.jspecify.annotations.Nullable;

/**
 * A shared library that TensorFlow opens by this name before it uses a GPU.
 *
 * @param foundIn the folder that holds it, or null
 */
public record CudaLibrary(String soname, @Nullable String foundIn) {

    /** Without one of these TensorFlow skips the GPU and computes on the CPU. */
    private static final List<String> SONAMES = List.of(
            "libcuda.so.1",
            "libcudart.so.12",
            "libcublas.so.12",
            "libcublasLt.so.12",
            "libcufft.so.11",
            "libcusolver.so.11",
            "libcusparse.so.12",
            "libcudnn.so.9");

    private static final List<String> LINKER_DEFAULTS =
            List.of("/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib64", "/usr/lib64", "/lib", "/usr/lib");

    /** Searches for all of them, in the order in which the dynamic linker would. */
    static List<CudaLibrary> lookIn(List<Path> folders) {
        return SONAMES.stream()
                .map(soname -> folders.stream()
                        .filter(folder -> Files.exists(folder.resolve(soname)))
                        .findFirst()
                        .map(folder -> new CudaLibrary(soname, folder.toString()))
                        .orElseGet(() -> new CudaLibrary(soname, null)))
                .toList();
    }

    /**
     * The folders in which the dynamic linker looks for a library, those that exist: of {@code LD_LIBRARY_PATH}, of the
     * linker's configuration, and its own.
     */
    static List<Path> linkerFolders(String libraryPath, Path linkerConfiguration) {
        Set<Path> folders = new LinkedHashSet<>();
        Stream.of(libraryPath.split(":", -1))
                .filter(folder -> !folder.isBlank())
                .map(Path::of)
                .forEach(folders::add);
        folders.addAll(configured(linkerConfiguration));
        LINKER_DEFAULTS.forEach(folder -> folders.add(Path.of(folder)));
        return folders.stream().filter(Files::isDirectory).toList();
    }

    /** The folders that a file such as {@code /etc/ld.so.conf} names, those of the files that it includes too. */
    private static List<Path> configured(Path file) {
        List<Path> folders = new ArrayList<>();
        try {
            for (String line : Files.readAllLines(file)) {
                if (line.strip().startsWith("include ")) {
                    Path glob = file.resolveSibling(
                            line.strip().substring("include ".length()).strip());
                    included(glob).forEach(other -> folders.addAll(configured(other)));
                } else if (line.strip().startsWith("/")) {
                    folders.add(Path.of(line.strip()));
                }
            }
        } catch (IOException e) {
            return folders; // not there or not readable: the linker does without it too
        }
        return folders;
    }

    private static List<Path> included(Path glob) throws IOException {
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

package org.capi.train.doctor;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A shared library that TensorFlow opens by this name before it uses a GPU.
 *
 * @param foundIn the folder that holds it, or null
 */
public record CudaLibrary(String soname, @Nullable String foundIn) {

    /** Without one of these TensorFlow skips the GPU and computes on the CPU. */
    static final List<String> SONAMES = List.of(
            "libcuda.so.1",
            "libcudart.so.12",
            "libcublas.so.12",
            "libcublasLt.so.12",
            "libcufft.so.11",
            "libcusolver.so.11",
            "libcusparse.so.12",
            "libcudnn.so.9");

    /** Looks for all of them, in the order in which the dynamic linker would. */
    static List<CudaLibrary> lookIn(List<Path> folders) {
        List<CudaLibrary> libraries = new ArrayList<>();
        for (String soname : SONAMES) {
            libraries.add(folders.stream()
                    .filter(folder -> Files.exists(folder.resolve(soname)))
                    .findFirst()
                    .map(folder -> new CudaLibrary(soname, folder.toString()))
                    .orElseGet(() -> new CudaLibrary(soname, null)));
        }
        return List.copyOf(libraries);
    }
}

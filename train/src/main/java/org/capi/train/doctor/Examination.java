package org.capi.train.doctor;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What a machine offers.
 *
 * @param lookedIn the folders in which the CUDA libraries were looked for
 * @param nvidiaDriver whether the kernel has NVIDIA's driver loaded
 * @param freeDiskBytes free in the folder that the program was started in
 */
public record Examination(
        String java,
        TensorFlowLibrary tensorflow,
        boolean nvidiaDriver,
        List<CudaLibrary> cudaLibraries,
        List<String> lookedIn,
        int cores,
        long memoryBytes,
        long heapBytes,
        long freeDiskBytes) {

    private static final long GIB = 1L << 30;

    /** Looks at this machine; loads TensorFlow. */
    public static Examination ofThisMachine() {
        String libraryPath = System.getenv().getOrDefault("LD_LIBRARY_PATH", "");
        List<Path> folders = LinkerPath.folders(libraryPath, Path.of("/etc/ld.so.conf"));
        return new Examination(
                System.getProperty("java.version") + " (" + System.getProperty("java.vendor") + ")",
                TensorFlowLibrary.load(),
                Files.exists(Path.of("/proc/driver/nvidia/version")),
                CudaLibrary.lookIn(folders),
                folders.stream().map(Path::toString).toList(),
                Runtime.getRuntime().availableProcessors(),
                ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getTotalMemorySize(),
                Runtime.getRuntime().maxMemory(),
                freeDisk());
    }

    /** Whether TensorFlow sees a GPU. */
    public boolean gpuIsUsable() {
        return tensorflow.devices().stream().anyMatch(Device::isGpu);
    }

    /** The first thing to do for a GPU to be usable. */
    public String gpuAdvice() {
        if (!nvidiaDriver) {
            return "install NVIDIA's driver (/proc/driver/nvidia/version is missing)";
        }
        if (!tensorflow.builtForGpu()) {
            return "build for CUDA: CAPI_BUILD_OPTIONS=-Pgpu ./capi doctor --gpu";
        }
        List<String> missing = missingLibraries();
        return missing.isEmpty()
                ? "read TensorFlow's own messages: TF_CPP_MIN_LOG_LEVEL=0 ./capi doctor --gpu"
                : "put these on LD_LIBRARY_PATH: " + String.join(", ", missing);
    }

    /** All that was looked at, one finding each. */
    public List<Finding> findings() {
        List<Finding> findings = new ArrayList<>();
        findings.add(Finding.fine("JDK", java));
        findings.add(tensorflowFinding());
        tensorflow.devices().forEach(d -> findings.add(Finding.fine("device", d.type() + " " + d.name())));
        findings.add(gpuFinding());
        findings.add(librariesFinding());
        findings.add(Finding.fine("cores", Integer.toString(cores)));
        findings.add(enough("memory", memoryBytes, 3 * GIB, "the demo alone takes up to 3 GiB"));
        findings.add(enough("Java heap", heapBytes, GIB / 2, "give it more: CAPI_JAVA_OPTS=-Xmx2g ./capi ..."));
        findings.add(enough("free disk", freeDiskBytes, 2 * GIB, "checkpoints and data sets will not fit"));
        return findings;
    }

    private Finding tensorflowFinding() {
        String build = tensorflow.builtForGpu() ? " (build for CUDA)" : " (build for CPUs)";
        return tensorflow.failure() == null
                ? Finding.fine("TensorFlow", tensorflow.version() + build)
                : Finding.fault(
                        "TensorFlow",
                        "does not load" + build,
                        "it needs glibc on Linux x86-64 and 1 GiB in ~/.javacpp/cache; it says: "
                                + tensorflow.failure());
    }

    private Finding gpuFinding() {
        return gpuIsUsable()
                ? Finding.fine("GPU", "usable")
                : Finding.fault("GPU", "none usable, the CPU is used", "to use one: " + gpuAdvice());
    }

    private Finding librariesFinding() {
        List<String> missing = missingLibraries();
        String found = cudaLibraries.size() - missing.size() + " of " + cudaLibraries.size() + " found";
        return missing.isEmpty()
                ? Finding.fine("CUDA libraries", found)
                : Finding.fault(
                        "CUDA libraries",
                        found + "; missing: " + String.join(", ", missing),
                        "needed for a GPU only; looked in " + String.join(", ", lookedIn));
    }

    private List<String> missingLibraries() {
        return cudaLibraries.stream()
                .filter(library -> library.foundIn() == null)
                .map(CudaLibrary::soname)
                .toList();
    }

    private static Finding enough(String subject, long bytes, long wanted, String advice) {
        String state = String.format(Locale.ROOT, "%.1f GiB", bytes / (double) GIB);
        return bytes >= wanted ? Finding.fine(subject, state) : Finding.fault(subject, state, advice);
    }

    private static long freeDisk() {
        try {
            return Files.getFileStore(Path.of("").toAbsolutePath()).getUsableSpace();
        } catch (IOException e) {
            return 0;
        }
    }
}

package org.capi.train.doctor;

import static org.tensorflow.internal.c_api.global.tensorflow.TFE_ContextListDevices;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_DeleteDeviceList;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_DeviceListCount;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_DeviceListMemoryBytes;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_DeviceListName;
import static org.tensorflow.internal.c_api.global.tensorflow.TF_DeviceListType;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.capi.train.loop.Devices;
import org.capi.train.loop.NativeLog;
import org.jspecify.annotations.Nullable;
import org.tensorflow.TensorFlow;
import org.tensorflow.internal.c_api.TFE_Context;
import org.tensorflow.internal.c_api.TFE_ContextOptions;
import org.tensorflow.internal.c_api.TF_DeviceList;
import org.tensorflow.internal.c_api.TF_Status;

/**
 * What a machine offers.
 *
 * @param nvidiaDriver whether the kernel has NVIDIA's driver loaded, or Windows' for WSL2
 * @param fusedAttentionFailure why cuDNN's fused attention does not work; null if it does, or where no GPU is usable
 * @param cudaLibraries empty where TensorFlow Java has no build for GPUs
 * @param lookedIn the folders that were searched for the CUDA libraries
 * @param freeDiskBytes free in the folder that the program was started in; null where it is not known
 */
public record Examination(
        Platform platform,
        String java,
        TensorFlowLibrary tensorflow,
        boolean nvidiaDriver,
        @Nullable String fusedAttentionFailure,
        List<CudaLibrary> cudaLibraries,
        List<String> lookedIn,
        int cores,
        long memoryBytes,
        long heapBytes,
        @Nullable Long freeDiskBytes) {

    private static final long GIB = 1L << 30;
    /** NVIDIA's runtime compiler, which TensorFlow itself does not open. */
    private static final String KERNEL_COMPILER = "libnvrtc.so.12";

    private static final String GPU_BUILD = "/org/tensorflow/internal/c_api/linux-x86_64-gpu/libjnitensorflow.so";

    /**
     * TensorFlow as it loads here.
     *
     * @param version its version, or null when it does not load
     * @param builtForGpu whether it is the build for CUDA
     * @param failure why it does not load, or null
     */
    public record TensorFlowLibrary(
            @Nullable String version,
            boolean builtForGpu,
            List<TensorFlowDevice> devices,
            @Nullable String failure) {

        private boolean hasGpu() {
            return devices.stream().anyMatch(device -> device.type.equals("GPU"));
        }
    }

    public record TensorFlowDevice(String name, String type, long memoryBytes) {}

    /**
     * One line of an examination.
     *
     * @param advice what to do about it, or null when all is well
     */
    public record Finding(
            String subject, String state, @Nullable String advice) {

        private Finding(String subject, String state) {
            this(subject, state, null);
        }

        /** As it is printed. */
        public String line() {
            return advice == null
                    ? "ok    " + subject + ": " + state
                    : "look  " + subject + ": " + state + System.lineSeparator() + "      -> " + advice;
        }
    }

    /** Examines this machine; loads TensorFlow. */
    public static Examination ofThisMachine() {
        Platform here = Platform.ofThisMachine();
        String libraryPath = System.getenv().getOrDefault("LD_LIBRARY_PATH", "");
        List<Path> folders =
                here.hasGpuBuild() ? CudaLibrary.linkerFolders(libraryPath, Path.of("/etc/ld.so.conf")) : List.of();
        var tensorflow = loadTensorFlow();
        return new Examination(
                here,
                System.getProperty("java.version") + " (" + System.getProperty("java.vendor") + ")",
                tensorflow,
                Files.exists(Path.of("/proc/driver/nvidia/version")) || Files.exists(Path.of("/dev/dxg")),
                tensorflow.hasGpu() ? Devices.fusedAttentionFailure() : null,
                here.hasGpuBuild() ? CudaLibrary.lookIn(folders) : List.of(),
                folders.stream().map(Path::toString).toList(),
                Runtime.getRuntime().availableProcessors(),
                ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getTotalMemorySize(),
                Runtime.getRuntime().maxMemory(),
                freeDisk());
    }

    private static TensorFlowLibrary loadTensorFlow() {
        boolean builtForGpu = TensorFlow.class.getResource(GPU_BUILD) != null;
        try {
            return new TensorFlowLibrary(
                    NativeLog.load(), builtForGpu, NativeLog.quietly(Examination::listDevices), null);
        } catch (LinkageError e) {
            return new TensorFlowLibrary(null, builtForGpu, List.of(), String.valueOf(e.getMessage()));
        }
    }

    private static List<TensorFlowDevice> listDevices() {
        List<TensorFlowDevice> devices = new ArrayList<>();
        try (var status = TF_Status.newStatus();
                var options = TFE_ContextOptions.newContextOptions();
                var context = TFE_Context.newContext(options, status)) {
            status.throwExceptionIfNotOK();
            TF_DeviceList list = TFE_ContextListDevices(context, status);
            status.throwExceptionIfNotOK();
            for (int i = 0; i < TF_DeviceListCount(list); i++) {
                devices.add(new TensorFlowDevice(
                        TF_DeviceListName(list, i, status).getString(),
                        TF_DeviceListType(list, i, status).getString(),
                        TF_DeviceListMemoryBytes(list, i, status)));
            }
            TF_DeleteDeviceList(list);
        }
        return devices;
    }

    private static @Nullable Long freeDisk() {
        try {
            return Files.getFileStore(Path.of("").toAbsolutePath()).getUsableSpace();
        } catch (IOException e) {
            return null;
        }
    }

    /** Whether TensorFlow sees a GPU. */
    public boolean gpuIsUsable() {
        return tensorflow.hasGpu();
    }

    /** The first thing to do for a GPU to be usable. */
    public String gpuAdvice() {
        if (!platform.hasGpuBuild()) {
            return "TensorFlow Java has a build for GPUs on Linux x86-64 only";
        }
        if (!nvidiaDriver) {
            return "install NVIDIA's driver (/proc/driver/nvidia/version is missing)";
        }
        if (!tensorflow.builtForGpu) {
            return "build for CUDA: CAPI_BUILD_OPTIONS=-Pgpu ./capi doctor --gpu";
        }
        List<String> missing = missingLibraries();
        return missing.isEmpty()
                ? "read TensorFlow's own messages: TF_CPP_MIN_LOG_LEVEL=0 ./capi doctor --gpu"
                : "put these on LD_LIBRARY_PATH: " + String.join(", ", missing);
    }

    public List<Finding> findings() {
        List<Finding> findings = new ArrayList<>();
        findings.add(new Finding("platform", platform + " (" + platform.build() + ")"));
        findings.add(new Finding("JDK", java));
        String build = tensorflow.builtForGpu ? " (build for CUDA)" : " (build for CPUs)";
        if (tensorflow.failure == null) {
            findings.add(new Finding("TensorFlow", tensorflow.version + build));
        } else {
            String advice = "it needs 1 GiB in ~/.javacpp/cache and, on Linux, glibc; its error: ";
            findings.add(new Finding("TensorFlow", "does not load" + build, advice + tensorflow.failure));
        }
        tensorflow.devices.forEach(device -> findings.add(new Finding("device", device.type + " " + device.name)));
        if (gpuIsUsable()) {
            findings.add(new Finding("GPU", "usable"));
            findings.add(fusedAttention());
        } else if (platform.hasGpuBuild()) {
            findings.add(new Finding("GPU", "none usable, the CPU is used", "to use one: " + gpuAdvice()));
        } else {
            findings.add(new Finding("GPU", "none, the CPU is used: " + gpuAdvice()));
        }
        if (platform.hasGpuBuild()) {
            findings.add(libraries());
        }
        findings.add(new Finding("cores", Integer.toString(cores)));
        findings.add(enough("memory", memoryBytes, 3 * GIB, "the demo alone takes up to 3 GiB"));
        findings.add(enough("Java heap", heapBytes, GIB / 2, "give it more: CAPI_JAVA_OPTS=-Xmx2g ./capi ..."));
        if (freeDiskBytes != null) {
            findings.add(enough("free disk", freeDiskBytes, 2 * GIB, "checkpoints and data sets will not fit"));
        }
        return findings;
    }

    private Finding fusedAttention() {
        if (fusedAttentionFailure == null) {
            return new Finding("fused attention", "works");
        }
        boolean compiler = lookedIn.stream().anyMatch(folder -> Files.exists(Path.of(folder, KERNEL_COMPILER)));
        return new Finding(
                "fused attention",
                "does not work: " + fusedAttentionFailure,
                compiler
                        ? "it needs compute capability 8.0 or later and cuDNN 9; compute.attention=auto is plain here"
                        : "cuDNN compiles its kernels with " + KERNEL_COMPILER + ": put it on LD_LIBRARY_PATH");
    }

    private Finding libraries() {
        List<String> missing = missingLibraries();
        String found = cudaLibraries.size() - missing.size() + " of " + cudaLibraries.size() + " found";
        if (missing.isEmpty()) {
            return new Finding("CUDA libraries", found);
        }
        String advice = "needed for a GPU only; looked in " + String.join(", ", lookedIn);
        return new Finding("CUDA libraries", found + "; missing: " + String.join(", ", missing), advice);
    }

    private List<String> missingLibraries() {
        return cudaLibraries.stream()
                .filter(library -> library.foundIn() == null)
                .map(CudaLibrary::soname)
                .toList();
    }

    private static Finding enough(String subject, long bytes, long wanted, String advice) {
        String state = String.format(Locale.ROOT, "%.1f GiB", bytes / (double) GIB);
        return new Finding(subject, state, bytes >= wanted ? null : advice);
    }
}

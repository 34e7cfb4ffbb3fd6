package org.capi.spark;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.SparkEnv;
import org.apache.spark.SparkFiles;
import org.apache.spark.TaskContext;
import org.apache.spark.resource.ResourceInformation;
import org.capi.savedmodels.VisionEncoder;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.proto.GPUOptions;

/**
 * The models of this JVM: an executor, or the driver in local mode. Each is loaded by the first task that needs it and
 * shared by all, until the JVM ends.
 */
final class ExecutorModel {

    private static final Map<String, VisionEncoder> LOADED = new ConcurrentHashMap<>();

    private static final String CACHE = "org.bytedeco.javacpp.cachedir";
    private static final String MEMORY_LIMIT = "org.bytedeco.javacpp.maxphysicalbytes";

    private ExecutorModel() {}

    static VisionEncoder get(ModelArchive.Shared model) {
        return LOADED.computeIfAbsent(model.fingerprint(), key -> load(model));
    }

    private static VisionEncoder load(ModelArchive.Shared model) {
        setLibraryOptions();
        // Unset means all cores of a machine in a standalone cluster, which is TensorFlow's default too.
        int cores = Integer.parseInt(SparkEnv.get().conf().get("spark.executor.cores", "0"));
        var config = ConfigProto.newBuilder()
                .setIntraOpParallelismThreads(cores)
                .setInterOpParallelismThreads(cores)
                .setGpuOptions(GPUOptions.newBuilder().setVisibleDeviceList(gpus()))
                .build();
        try {
            Path folder = model.unpack(Path.of(SparkFiles.getRootDirectory()).toAbsolutePath());
            try {
                return VisionEncoder.load(folder, config);
            } finally {
                delete(folder.toFile());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot unpack the model: " + e.getMessage(), e);
        }
    }

    /** The numbers of the GPUs that Spark gave the task, with commas; empty, which means all, where it manages none. */
    private static String gpus() {
        ResourceInformation gpus = TaskContext.get().resourcesJMap().get("gpu");
        return gpus == null ? "" : String.join(",", gpus.addresses());
    }

    /**
     * TensorFlow's library is unpacked to a folder of this executor, which is deleted with it: executors of one machine
     * that share a folder can see each other's unfinished files. What the user set stays.
     */
    private static void setLibraryOptions() {
        if (System.getProperty(CACHE) == null) {
            Path folder =
                    Path.of(SparkFiles.getRootDirectory()).toAbsolutePath().resolve("capi-libraries");
            System.setProperty(CACHE, folder.toString());
            Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(folder.toFile())));
        }
        if (System.getProperty(MEMORY_LIMIT) == null) {
            System.setProperty(MEMORY_LIMIT, "0"); // else the file cache of the machine counts against the heap
        }
    }

    private static void delete(File file) {
        File[] children = file.listFiles(); // none for a link
        if (children != null) {
            Arrays.stream(children).forEach(ExecutorModel::delete);
        }
        file.delete();
    }
}

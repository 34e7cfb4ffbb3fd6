package org.capi.train.doctor;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * An operating system and a processor, and which build of TensorFlow Java they need: its name is the classifier of the
 * jar {@code tensorflow-core-native}, such as {@code linux-arm64}.
 *
 * @param system as the JDK's {@code os.name}
 * @param processor as the JDK's {@code os.arch}
 */
public record Platform(String system, String processor) {

    private static final String FOLDER = "/org/tensorflow/internal/c_api/";
    private static final String MAC = "Mac OS X";
    private static final String LINUX_X86 = "linux-x86_64";

    /** The library that each build of TensorFlow Java 1.1.0 holds in its own folder. */
    private static final Map<String, String> LIBRARIES = new TreeMap<>(Map.of(
            LINUX_X86,
            "libjnitensorflow.so",
            LINUX_X86 + "-gpu",
            "libjnitensorflow.so",
            "linux-arm64",
            "libjnitensorflow.so",
            "macosx-arm64",
            "libjnitensorflow.dylib",
            "windows-x86_64",
            "jnitensorflow.dll"));

    public static Platform ofThisMachine() {
        return new Platform(System.getProperty("os.name", ""), System.getProperty("os.arch", ""));
    }

    /** The builds of TensorFlow Java on the class path; empty where its library comes from elsewhere. */
    public static List<String> buildsAtHand() {
        return LIBRARIES.entrySet().stream()
                .filter(build -> Platform.class.getResource(FOLDER + build.getKey() + "/" + build.getValue()) != null)
                .map(Map.Entry::getKey)
                .toList();
    }

    /** The build for CPUs that runs here, or null where this program does not run. */
    public @Nullable String build() {
        String cpu = switch (processor.toLowerCase(Locale.ROOT)) {
            case "amd64", "x86_64" -> "x86_64";
            case "aarch64", "arm64" -> "arm64";
            default -> "";
        };
        String name = (system.equals(MAC) ? "macosx" : system.equals("Linux") ? "linux" : "other") + "-" + cpu;
        return LIBRARIES.containsKey(name) ? name : null;
    }

    /** Whether TensorFlow Java has a build for GPUs here. */
    boolean hasGpuBuild() {
        return LINUX_X86.equals(build());
    }

    /**
     * Why this program does not run here, or null if it does.
     *
     * @param atHand the builds of TensorFlow that it comes with
     */
    public @Nullable String refusal(List<String> atHand) {
        String needed = build();
        if (needed == null) {
            return unsupported();
        }
        if (atHand.isEmpty() || atHand.contains(needed) || (hasGpuBuild() && atHand.contains(LINUX_X86 + "-gpu"))) {
            return null;
        }
        return "this program was built for " + String.join(" and ", atHand) + ", and this machine is " + needed
                + ": build it on this machine (rm train/target/capi.jar, then ./capi doctor), or for it with"
                + " -Dtensorflow.native.classifier=" + needed;
    }

    private String unsupported() {
        if (system.startsWith("Windows")) {
            return "this program does not run on Windows itself: install WSL2 (wsl --install) and run it in WSL's Linux";
        }
        if (system.equals(MAC)) {
            return "TensorFlow Java has no library for Macs with Intel processors, and this JDK is for one ("
                    + processor + "); on a Mac with Apple silicon use a JDK for arm64 (aarch64)";
        }
        return "this program runs on Linux (x86-64 and arm64) and on macOS (Apple silicon); this is " + this;
    }

    @Override
    public String toString() {
        return system + " " + processor;
    }
}

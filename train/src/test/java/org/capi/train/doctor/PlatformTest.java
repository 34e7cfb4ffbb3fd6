package org.capi.train.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlatformTest {

    private static final Platform X86 = new Platform("Linux", "amd64");
    private static final Platform ARM = new Platform("Linux", "aarch64");
    private static final Platform MAC = new Platform("Mac OS X", "aarch64");

    @TempDir
    Path folder;

    @Test
    void eachMachineHasItsBuildOfTensorFlow() {
        assertThat(Stream.of(X86, ARM, MAC).map(Platform::build))
                .containsExactly("linux-x86_64", "linux-arm64", "macosx-arm64");
        assertThat(X86.refusal(List.of("linux-x86_64"))).isNull();
        assertThat(X86.refusal(List.of("linux-x86_64-gpu"))).isNull();
        assertThat(ARM.refusal(List.of("linux-arm64"))).isNull();
        assertThat(MAC.refusal(List.of("linux-arm64", "macosx-arm64"))).isNull();
        assertThat(MAC.refusal(List.of())).isNull();
    }

    @Test
    void machinesWithoutOneAreToldWhatToDo() {
        List<String> any = List.of("windows-x86_64");
        assertThat(new Platform("Windows 11", "amd64").refusal(any)).contains("install WSL2");
        assertThat(new Platform("Mac OS X", "x86_64").refusal(any))
                .startsWith("TensorFlow Java has no library for Macs with Intel processors")
                .contains("on a Mac with Apple silicon use a JDK for arm64");
        assertThat(new Platform("FreeBSD", "amd64").refusal(any))
                .isEqualTo("this program runs on Linux (x86-64 and arm64) and on macOS (Apple silicon);"
                        + " this is FreeBSD amd64");
        assertThat(new Platform("Linux", "riscv64").refusal(any)).endsWith("this is Linux riscv64");
    }

    @Test
    void aBuildForAnotherMachineSaysWhatItIsFor() {
        assertThat(X86.refusal(List.of("linux-arm64")))
                .startsWith("this program was built for linux-arm64, and this machine is linux-x86_64")
                .endsWith("-Dtensorflow.native.classifier=linux-x86_64");
        assertThat(ARM.refusal(List.of("linux-x86_64-gpu"))).startsWith("this program was built for linux-x86_64-gpu");
    }

    @Test
    void theTestsHaveTheBuildOfThisMachine() {
        Platform here = Platform.ofThisMachine();

        assertThat(here.refusal(Platform.buildsAtHand())).isNull();
        assertThat(Platform.buildsAtHand()).isNotEmpty();
    }

    @Test
    void theProgramRefusesABuildForAnotherMachineInOneLine() throws Exception {
        String other = "linux-arm64".equals(Platform.ofThisMachine().build()) ? "linux-x86_64" : "linux-arm64";
        Path library = folder.resolve("org/tensorflow/internal/c_api/" + other + "/libjnitensorflow.so");
        Files.createDirectories(library.getParent());
        Files.createFile(library);
        String classes = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !entry.matches(".*tensorflow-core-native-[0-9.]+-[a-z]+-.*"))
                .collect(Collectors.joining(File.pathSeparator));
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        Process process = new ProcessBuilder(
                        java.toString(),
                        "-cp",
                        classes + File.pathSeparator + folder,
                        "org.capi.train.cli.Main",
                        "doctor")
                .redirectErrorStream(true)
                .start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor()).as(out).isEqualTo(2);
        assertThat(out)
                .startsWith("capi: this program was built for " + other + ", and")
                .hasLineCount(1);
    }
}

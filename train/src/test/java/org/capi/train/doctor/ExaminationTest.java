package org.capi.train.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.capi.train.doctor.Examination.Finding;
import org.capi.train.doctor.Examination.TensorFlowDevice;
import org.capi.train.doctor.Examination.TensorFlowLibrary;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExaminationTest {

    private static final TensorFlowDevice CPU = new TensorFlowDevice("/device:CPU:0", "CPU", 1L << 28);
    private static final TensorFlowDevice GPU = new TensorFlowDevice("/device:GPU:0", "GPU", 1L << 36);

    private static final Platform X86 = new Platform("Linux", "amd64");

    @TempDir
    Path folder;

    @Test
    void thisMachineHasACpuThatTensorFlowSees() {
        var examination = Examination.ofThisMachine();

        assertThat(examination.tensorflow().version()).isEqualTo("2.18.0");
        assertThat(examination.tensorflow().devices())
                .extracting(TensorFlowDevice::type)
                .contains("CPU");
        assertThat(examination.cudaLibraries()).hasSize(8);
        assertThat(examination.findings())
                .extracting(Finding::subject)
                .contains("platform", "JDK", "TensorFlow", "GPU", "CUDA libraries", "memory", "cores", "free disk");
    }

    @Test
    void aLibraryIsFoundInTheFirstFolderThatHoldsIt() throws IOException {
        Path first = Files.createDirectory(folder.resolve("first"));
        Path second = Files.createDirectory(folder.resolve("second"));
        Files.createFile(second.resolve("libcudnn.so.9"));

        var libraries = CudaLibrary.lookIn(List.of(first, second));

        assertThat(libraries).contains(new CudaLibrary("libcudnn.so.9", second.toString()));
        assertThat(libraries).filteredOn(l -> l.foundIn() == null).hasSize(7);
    }

    @Test
    void theLinkersFoldersAreThoseOfTheEnvironmentThenOfItsConfigurationThenItsOwn() throws IOException {
        Path own = Files.createDirectory(folder.resolve("own"));
        Path configured = Files.createDirectory(folder.resolve("configured"));
        Path included = Files.createDirectory(folder.resolve("ld.so.conf.d"));
        Files.writeString(included.resolve("cuda.conf"), configured + "\n/no/such/folder\n");
        Path configuration =
                Files.writeString(folder.resolve("ld.so.conf"), "# a comment\ninclude ld.so.conf.d/*.conf\n");

        assertThat(CudaLibrary.linkerFolders("::" + own, configuration))
                .startsWith(own, configured)
                .doesNotContain(Path.of("/no/such/folder"));
        assertThat(CudaLibrary.linkerFolders("", folder.resolve("missing"))).doesNotContain(own, configured);
    }

    @Test
    void theAdviceForAGpuIsTheFirstThingThatIsMissing() {
        assertThat(examination(false, false, List.of(CPU), List.of()).gpuAdvice())
                .contains("NVIDIA's driver");
        assertThat(examination(true, false, List.of(CPU), List.of()).gpuAdvice())
                .contains("-Pgpu");
        assertThat(examination(true, true, List.of(CPU), List.of(new CudaLibrary("libcudnn.so.9", null)))
                        .gpuAdvice())
                .isEqualTo("put these on LD_LIBRARY_PATH: libcudnn.so.9");
        assertThat(examination(true, true, List.of(CPU), List.of()).gpuAdvice()).contains("TF_CPP_MIN_LOG_LEVEL=0");
        assertThat(examination(true, true, List.of(CPU, GPU), List.of()).gpuIsUsable())
                .isTrue();
        assertThat(examination(true, true, List.of(CPU), List.of()).gpuIsUsable())
                .isFalse();
    }

    @Test
    void everyFaultComesWithAnAdvice() {
        var broken = new TensorFlowLibrary(null, false, List.of(), "no space left");
        var examination =
                new Examination(X86, "17", broken, false, null, List.of(), List.of(), 1, 1L << 30, 1L << 28, 0L);

        assertThat(examination.findings())
                .filteredOn(f -> f.advice() != null)
                .extracting(Finding::subject)
                .containsExactly("TensorFlow", "GPU", "memory", "Java heap", "free disk");
        assertThat(examination.findings().get(2).line())
                .contains("does not load")
                .contains("no space left");
    }

    @Test
    void whatIsNotKnownOrNotThereIsLeftOut() {
        var tensorflow = new TensorFlowLibrary("2.18.0", false, List.of(CPU), null);
        var mac = new Platform("Mac OS X", "aarch64");
        var examination =
                new Examination(mac, "17", tensorflow, false, null, List.of(), List.of(), 8, 1L << 34, 1L << 32, null);

        assertThat(examination.findings())
                .extracting(Finding::subject)
                .containsExactly("platform", "JDK", "TensorFlow", "device", "GPU", "cores", "memory", "Java heap");
        assertThat(examination.findings().get(0).line()).isEqualTo("ok    platform: Mac OS X aarch64 (macosx-arm64)");
        assertThat(examination.findings()).allMatch(finding -> finding.advice() == null);
        assertThat(examination.gpuAdvice()).isEqualTo("TensorFlow Java has a build for GPUs on Linux x86-64 only");
    }

    @Test
    void fusedAttentionIsNamedOnlyWhereThereIsAGpu() {
        assertThat(examination(true, true, List.of(CPU), List.of()).findings())
                .extracting(Finding::subject)
                .doesNotContain("fused attention");
        assertThat(examination(true, true, List.of(CPU, GPU), List.of()).findings())
                .extracting(Finding::line)
                .contains("ok    fused attention: works");
        assertThat(examination(true, true, List.of(CPU, GPU), List.of(), "no kernel")
                        .findings())
                .extracting(Finding::line)
                .contains("look  fused attention: does not work: no kernel" + System.lineSeparator()
                        + "      -> cuDNN compiles its kernels with libnvrtc.so.12: put it on LD_LIBRARY_PATH");
    }

    private static Examination examination(
            boolean driver, boolean builtForGpu, List<TensorFlowDevice> devices, List<CudaLibrary> libraries) {
        return examination(driver, builtForGpu, devices, libraries, null);
    }

    private static Examination examination(
            boolean driver,
            boolean builtForGpu,
            List<TensorFlowDevice> devices,
            List<CudaLibrary> libraries,
            @Nullable String failure) {
        var tensorflow = new TensorFlowLibrary("2.18.0", builtForGpu, devices, null);
        return new Examination(
                X86, "17", tensorflow, driver, failure, libraries, List.of("/lib"), 2, 1L << 33, 1L << 32, 1L << 40);
    }
}

package org.capi.train.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.capi.train.config.ConfigFile;
import org.capi.train.loop.RunSummary.MemoryEstimate;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Estimates against the peaks that train/PERFORMANCE.md gives, and how they were measured. */
class MemoryEstimateTest {

    @ParameterizedTest
    @CsvSource({
        "demo, compute.type=float32, optim.batch_size=64, 1223424, 19802624, 273",
        "demo, compute.type=bfloat16, optim.batch_size=64, 1223424, 19802624, 267",
        "vits14, compute.type=float32, optim.batch_size=16, 33676288, 561920000, 2344",
        "vits14, compute.type=bfloat16, optim.batch_size=16, 33676288, 561920000, 2265",
        "vits14, optim.micro_batches=2, optim.batch_size=16, 33676288, 561920000, 2289",
        "vits14, compute.recompute=blocks, optim.batch_size=16, 33676288, 561920000, 2085",
        "vits14, compute.type=bfloat16, optim.batch_size=2, 33676288, 561920000, 1644",
    })
    void anEstimateIsOffByLessThanAThird(
            String preset, String override, String batch, long student, long state, double megabytes) {
        String prototypes = preset.equals("demo") ? "capi.prototypes=128" : "capi.prototypes=4096";
        var config = ConfigFile.preset(preset)
                .with(List.of(override, batch, prototypes))
                .resolve();
        double estimate =
                MemoryEstimate.of(config, 1, student, state, false, false).total() / 1e6;
        assertThat(estimate).isCloseTo(megabytes, within(megabytes / 3));
    }

    @ParameterizedTest
    @CsvSource({
        "vitl14, off, 128, 470477312, 7745900544, 19065",
        "vitl14, gelu, 128, 470477312, 7745900544, 16862",
        "vitl14, blocks, 128, 470477312, 7745900544, 11419",
        "vitl14, off, 512, 470477312, 7745900544, 50026",
        "vitl14, gelu, 512, 470477312, 7745900544, 41229",
        "vitl14, blocks, 512, 470477312, 7745900544, 14819",
        "vits14, off, 128, 38407168, 706967552, 3089",
        "vitb14, off, 128, 140496640, 2415896576, 6815",
    })
    void thatOfACompiledStepIsOffByLessThanATenth(
            String preset, String recompute, int batch, long student, long state, double megabytes) {
        var config = ConfigFile.preset(preset)
                .with(List.of(
                        "compute.recompute=" + recompute,
                        "optim.batch_size=" + batch,
                        "optim.micro_batches=1",
                        "compute.xla=step",
                        "compute.attention=fused"))
                .resolve();
        double estimate =
                MemoryEstimate.of(config, 1, student, state, true, true).total() / 1e6;
        assertThat(estimate).isCloseTo(megabytes, within(megabytes / 10));
        assertThat(MemoryEstimate.of(config, 1, student, state, true, false).total() / 1e6)
                .as("with scores")
                .isGreaterThan(estimate);
    }
}

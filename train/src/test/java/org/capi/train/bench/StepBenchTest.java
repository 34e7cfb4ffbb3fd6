package org.capi.train.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.capi.train.bench.StepBench.GpuUse;
import org.capi.train.bench.StepBench.OpTime;
import org.junit.jupiter.api.Test;
import org.tensorflow.proto.DeviceStepStats;
import org.tensorflow.proto.NodeExecStats;
import org.tensorflow.proto.StepStats;

class StepBenchTest {

    @Test
    void sumsTheTimesOfEachKindOverAllDevices() {
        var stats = StepStats.newBuilder()
                .addDevStats(DeviceStepStats.newBuilder()
                        .addNodeStats(node("a = MatMul(x, y)", 100, 400))
                        .addNodeStats(node("b/c = Mul(a, a)", 0, 50))
                        .addNodeStats(node("d = MatMul(b/c, y)", 10, 60)))
                .addDevStats(DeviceStepStats.newBuilder()
                        .addNodeStats(node("e = Mul(d, d)", 500, 550))
                        .addNodeStats(node("kernel_of_a_device", 0, 50)))
                .build();
        assertThat(StepBench.opTimes(stats))
                .containsExactly(
                        new OpTime("MatMul", 2, 350e-9, 0.7),
                        new OpTime("Mul", 2, 100e-9, 0.2),
                        new OpTime("kernel_of_a_device", 1, 50e-9, 0.1));
    }

    @Test
    void nothingThatRanTakesNoTime() {
        var stats = StepStats.newBuilder()
                .addDevStats(DeviceStepStats.newBuilder().addNodeStats(node("a = Const()", 7, 7)))
                .build();
        assertThat(StepBench.opTimes(stats)).isEqualTo(List.of(new OpTime("Const", 1, 0, 0)));
    }

    @Test
    void ofAGpuTheKernelsAndPausesAreShown() {
        NodeExecStats[] kernels = {
            launch("loop_add_fusion_12 regs:32 static_shared:0", 1000, 300),
            launch("loop_add_fusion_7 regs:16", 1200, 200),
            launch("gemm_fusion_dot.3 regs:8", 1400, 400)
        };
        var copy = launch("MemcpyH2D kind_src:pageable size:100", 2000, 100);
        var stats = StepStats.newBuilder()
                .addDevStats(DeviceStepStats.newBuilder()
                        .setDevice("/job:localhost/replica:0/task:0/device:GPU:0")
                        .addNodeStats(node("cluster = _XlaRun(x)", 0, 1000)))
                .addDevStats(onGpu("/stream:13", kernels))
                .addDevStats(onGpu("/stream:all", kernels))
                .addDevStats(onGpu("/stream:14<MemcpyH2D>", copy))
                .addDevStats(onGpu("/memcpy", copy))
                .addDevStats(onGpu("/sync", launch("ThreadId 1", 1000, 1100)))
                .build();
        assertThat(StepBench.opTimes(stats))
                .containsExactly(
                        new OpTime("loop_add_fusion", 2, 500e-6, 0.5),
                        new OpTime("gemm_fusion_dot", 1, 400e-6, 0.4),
                        new OpTime("MemcpyH2D", 1, 100e-6, 0.1));
        var use = GpuUse.of(stats);
        assertThat(use).isNotNull();
        assertThat(use.launches()).isEqualTo(4);
        assertThat(use.seconds()).isCloseTo(1100e-6, within(1e-12));
        assertThat(use.busyShare()).isCloseTo(1 - 200 / 1100.0, within(1e-9));
        assertThat(use.longestPauseSeconds()).isCloseTo(200e-6, within(1e-12));
        assertThat(GpuUse.of(StepStats.getDefaultInstance())).isNull();
    }

    private static DeviceStepStats onGpu(String device, NodeExecStats... launches) {
        return DeviceStepStats.newBuilder()
                .setDevice("/device:GPU:0" + device)
                .addAllNodeStats(List.of(launches))
                .build();
    }

    /** As TensorFlow writes what CUPTI traced: microseconds, no nanoseconds. */
    private static NodeExecStats launch(String label, long startMicros, long micros) {
        return NodeExecStats.newBuilder()
                .setTimelineLabel(label)
                .setAllStartMicros(startMicros)
                .setOpEndRelMicros(micros)
                .setAllEndRelMicros(micros)
                .build();
    }

    private static NodeExecStats node(String label, long startNanos, long endNanos) {
        return NodeExecStats.newBuilder()
                .setTimelineLabel(label)
                .setOpStartRelNanos(startNanos)
                .setOpEndRelNanos(endNanos)
                .build();
    }
}

package org.capi.train.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
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

    private static NodeExecStats node(String label, long startNanos, long endNanos) {
        return NodeExecStats.newBuilder()
                .setTimelineLabel(label)
                .setOpStartRelNanos(startNanos)
                .setOpEndRelNanos(endNanos)
                .build();
    }
}

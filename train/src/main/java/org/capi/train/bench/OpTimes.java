package org.capi.train.bench;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.tensorflow.proto.DeviceStepStats;
import org.tensorflow.proto.NodeExecStats;
import org.tensorflow.proto.StepStats;

/** Sums the times of the ops of one traced run. */
final class OpTimes {

    private OpTimes() {}

    /** Kinds of ops as they ran, after TensorFlow rewrote the graph, the longest first. */
    static List<OpTime> of(StepStats stats) {
        Map<String, long[]> sums = new TreeMap<>(); // count and nanoseconds
        long all = 0;
        for (DeviceStepStats device : stats.getDevStatsList()) {
            for (NodeExecStats node : device.getNodeStatsList()) {
                long nanos = node.getOpEndRelNanos() - node.getOpStartRelNanos();
                long[] sum = sums.computeIfAbsent(kind(node.getTimelineLabel()), absent -> new long[2]);
                sum[0]++;
                sum[1] += nanos;
                all += nanos;
            }
        }
        List<OpTime> times = new ArrayList<>();
        for (var entry : sums.entrySet()) {
            long[] sum = entry.getValue();
            times.add(new OpTime(entry.getKey(), (int) sum[0], sum[1] / 1e9, all == 0 ? 0 : (double) sum[1] / all));
        }
        times.sort(Comparator.comparingDouble(OpTime::seconds).reversed());
        return List.copyOf(times);
    }

    /** {@code name = Kind(inputs)} is how TensorFlow labels what ran; other labels are taken whole. */
    private static String kind(String label) {
        int from = label.indexOf(" = ");
        int to = label.indexOf('(', from);
        return from < 0 || to < 0 ? label : label.substring(from + 3, to);
    }
}

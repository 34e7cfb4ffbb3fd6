package org.capi.train.bench;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.capi.data.CounterRandom;
import org.capi.data.Progress;
import org.capi.data.batch.Batch;
import org.capi.data.batch.BatchSettings;
import org.capi.data.mask.MaskGenerator;
import org.capi.train.config.PretrainConfig;
import org.capi.train.loop.StepSession;
import org.capi.train.loop.TrainingLoop.Rates;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.proto.DeviceStepStats;
import org.tensorflow.proto.NodeExecStats;
import org.tensorflow.proto.StepStats;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TUint8;
import picocli.CommandLine.Option;

/** Times the training step alone, on one batch of noise that is fed again and again. */
public final class StepBench {

    private static final double MIN_SHOWN_SHARE = 0.005;

    /** How the names of the devices end that have a GPU's kernels, its copies, and whatever else ran on it. */
    private static final List<String> ON_GPU = List.of("/stream:all", "/memcpy", "/stream:");

    @Option(names = "--warm-up", paramLabel = "N", defaultValue = "3", description = "Steps before the measurement.")
    private int warmUp;

    @Option(names = "--steps", paramLabel = "N", defaultValue = "20", description = "Number of steps to time.")
    private int steps;

    @Option(
            names = "--profile",
            description = "Also trace one step and print the time of each kind of operation, on a GPU of each kernel.")
    private boolean profile;

    @Option(
            names = "--estimate",
            description = "Run nothing, but print the least work of a step and the time that it takes on a device.")
    private boolean estimate;

    @Option(
            names = "--flops",
            paramLabel = "N",
            defaultValue = "650e12",
            description = "With --estimate: FLOP/s of the device. Default: what an H200 reached in bfloat16, 650e12.")
    private double flops;

    @Option(
            names = "--bandwidth",
            paramLabel = "N",
            defaultValue = "4e12",
            description = "With --estimate: bytes/s of the device's memory. Default: what an H200 reached, 4e12.")
    private double bandwidth;

    /**
     * How long steps took.
     *
     * @param batchSize images of a step
     * @param firstStepSeconds from building the graph to the end of the first step, compilation included
     * @param imagesPerSecond at the median
     * @param ops where the time of one more step went, the longest first; empty without a profile
     * @param gpu how much of that step a GPU was busy; null without a profile, or on a CPU
     */
    public record StepTiming(
            int batchSize,
            double firstStepSeconds,
            double minSeconds,
            double medianSeconds,
            double maxSeconds,
            double imagesPerSecond,
            List<OpTime> ops,
            @Nullable GpuUse gpu) {

        @Override
        public String toString() {
            String text = String.format(Locale.ROOT, "%.1f images/s (batch %d, ", imagesPerSecond, batchSize)
                    + String.format(Locale.ROOT, "median step %.4f s, min %.4f, ", medianSeconds, minSeconds)
                    + String.format(Locale.ROOT, "max %.4f; first step after %.1f s)", maxSeconds, firstStepSeconds);
            return ops.stream()
                    .filter(op -> op.share >= MIN_SHOWN_SHARE)
                    .map(op -> String.format(Locale.ROOT, "%n%5.1f %%  %8.2f ms  ", 100 * op.share, 1000 * op.seconds)
                            + String.format(Locale.ROOT, "%4d  %s", op.count, op.op))
                    .collect(Collectors.joining("", text, gpu == null ? "" : System.lineSeparator() + gpu));
        }
    }

    /**
     * How long all ops of one kind ran in a step; on a GPU, all kernels and copies of one name.
     *
     * @param op the kind, such as {@code MatMul}, or the name without its number
     * @param count how many of them ran
     * @param seconds the sum of their times; ops that ran in parallel count in full
     * @param share of the sum over all kinds
     */
    public record OpTime(String op, int count, double seconds, double share) {}

    /**
     * GPU utilisation in a step, in whole microseconds, as TensorFlow traces it.
     *
     * @param launches kernels and copies
     * @param seconds from the start of the first to the end of the last
     * @param busyShare the fraction of that time in which at least one ran
     * @param longestPauseSeconds the longest time in which none ran
     */
    public record GpuUse(int launches, double seconds, double busyShare, double longestPauseSeconds) {

        /** Of a traced step; null if no GPU took part. */
        static @Nullable GpuUse of(StepStats stats) {
            List<NodeExecStats> launches = onGpu(stats).stream()
                    .flatMap(device -> device.getNodeStatsList().stream())
                    .sorted(Comparator.comparingLong(GpuUse::start))
                    .toList();
            if (launches.isEmpty()) {
                return null;
            }
            long first = start(launches.get(0));
            long end = first;
            long paused = 0;
            long longest = 0;
            for (NodeExecStats launch : launches) {
                long pause = Math.max(0, start(launch) - end);
                paused += pause;
                longest = Math.max(longest, pause);
                end = Math.max(end, start(launch) + nanos(launch));
            }
            double all = Math.max(1, end - first);
            return new GpuUse(launches.size(), all / 1e9, 1 - paused / all, longest / 1e9);
        }

        private static long start(NodeExecStats launch) {
            return 1000 * (launch.getAllStartMicros() + launch.getOpStartRelMicros());
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "GPU: %d kernels and copies in %.4f s, busy for %.1f %% of it, longest pause %.2f ms",
                    launches,
                    seconds,
                    100 * busyShare,
                    1000 * longestPauseSeconds);
        }
    }

    /** For options that are set later. */
    public StepBench() {}

    /** Without a profile; the first step of the warm-up compiles. */
    public StepBench(int warmUp, int steps) {
        this.warmUp = warmUp;
        this.steps = steps;
    }

    /** The estimate, if that is wanted in place of a measurement. */
    public Optional<StepEstimate> estimate(PretrainConfig config) {
        return estimate ? Optional.of(StepEstimate.of(config, flops, bandwidth)) : Optional.empty();
    }

    public StepTiming run(PretrainConfig config, Progress progress) {
        if (warmUp < 1 || steps < 1) {
            throw new IllegalArgumentException(
                    "warm-up and steps must be at least 1, were " + warmUp + " and " + steps);
        }
        var rates = Rates.of(config.optim());
        long started = System.nanoTime();
        try (var session = StepSession.open(config.step(), config.compute());
                Batch batch = noise(config.batches())) {
            session.initialize();
            double[] first = {0};
            double[] seconds = seconds(warmUp, steps, progress, () -> {
                session.step(batch, rates.at(0));
                first[0] = first[0] > 0 ? first[0] : (System.nanoTime() - started) / 1e9;
            });
            double median = seconds[steps / 2];
            int images = config.optim().batchSize();
            StepStats traced = profile ? session.trace(batch, rates.at(0)) : StepStats.getDefaultInstance();
            return new StepTiming(
                    images,
                    first[0],
                    seconds[0],
                    median,
                    seconds[steps - 1],
                    images / median,
                    opTimes(traced),
                    GpuUse.of(traced));
        }
    }

    /** Runs a job again and again; returns the sorted seconds of the runs after the warm-up. */
    static double[] seconds(int warmUp, int timed, Progress progress, Runnable job) {
        double[] seconds = new double[timed];
        for (int i = -warmUp; i < timed; i++) {
            long before = System.nanoTime();
            job.run();
            if (i >= 0) {
                seconds[i] = (System.nanoTime() - before) / 1e9;
            }
            progress.at(i + warmUp + 1L, (long) warmUp + timed);
        }
        Arrays.sort(seconds);
        return seconds;
    }

    private static Batch noise(BatchSettings settings) {
        int images = settings.batchSize();
        var draws = CounterRandom.of(settings.seed());
        byte[] pixels = new byte[images * settings.height() * settings.width() * 3];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) draws.bits();
        }
        int patches = settings.rows() * settings.columns();
        int masked = settings.counts().masked();
        int predicted = settings.counts().predicted();
        long[] visibleAt = new long[images * (patches - masked)];
        long[] predictedAt = new long[images * predicted];
        for (int image = 0; image < images; image++) {
            boolean[] mask = settings.mask().draw(settings.rows(), settings.columns(), masked, draws);
            long first = (long) image * patches;
            long[] visible = MaskGenerator.visible(mask, first);
            System.arraycopy(visible, 0, visibleAt, image * visible.length, visible.length);
            long[] chosen = MaskGenerator.predicted(mask, predicted, first, draws);
            System.arraycopy(chosen, 0, predictedAt, image * predicted, predicted);
        }
        Shape shape = Shape.of(images, settings.height(), settings.width(), 3);
        return new Batch(
                TUint8.tensorOf(shape, DataBuffers.of(pixels)),
                TInt64.vectorOf(visibleAt),
                TInt64.vectorOf(predictedAt),
                0);
    }

    /**
     * The ops of a traced step by kind as they ran, after TensorFlow rewrote the graph, the longest first. Where a GPU
     * took part, its kernels and copies: the ops of the host wait for them.
     */
    static List<OpTime> opTimes(StepStats stats) {
        Map<String, long[]> sums = new TreeMap<>(); // count and nanoseconds
        long all = 0;
        var onGpu = onGpu(stats);
        for (DeviceStepStats device : onGpu.isEmpty() ? stats.getDevStatsList() : onGpu) {
            for (NodeExecStats node : device.getNodeStatsList()) {
                long nanos = nanos(node);
                long[] sum = sums.computeIfAbsent(kind(node.getTimelineLabel()), absent -> new long[2]);
                sum[0]++;
                sum[1] += nanos;
                all += nanos;
            }
        }
        double total = Math.max(1, all);
        return sums.entrySet().stream()
                .map(entry -> {
                    long[] sum = entry.getValue();
                    return new OpTime(entry.getKey(), (int) sum[0], sum[1] / 1e9, sum[1] / total);
                })
                .sorted(Comparator.comparingDouble(OpTime::seconds).reversed())
                .toList();
    }

    private static List<DeviceStepStats> onGpu(StepStats stats) {
        return stats.getDevStatsList().stream()
                .filter(device -> ON_GPU.stream().anyMatch(device.getDevice()::endsWith))
                .toList();
    }

    /** How long an op ran; the trace of a GPU has microseconds only. */
    private static long nanos(NodeExecStats node) {
        long nanos = node.getOpEndRelNanos() - node.getOpStartRelNanos();
        return nanos > 0 ? nanos : 1000 * (node.getOpEndRelMicros() - node.getOpStartRelMicros());
    }

    /**
     * TensorFlow labels what ran as {@code name = Kind(inputs)}, a kernel of a GPU as {@code name regs:...}, a copy as
     * {@code MemcpyH2D ...}. XLA numbers its kernels.
     */
    private static String kind(String label) {
        int from = label.indexOf(" = ");
        int to = label.indexOf('(', from);
        return from < 0 || to < 0
                ? label.replaceFirst(" +regs:.*", "")
                        .replaceFirst("^(Memcpy\\w+) .*", "$1")
                        .replaceFirst("[_.]\\d+$", "")
                : label.substring(from + 3, to);
    }
}

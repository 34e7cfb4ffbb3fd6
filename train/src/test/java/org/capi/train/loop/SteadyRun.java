package org.capi.train.loop;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.bytedeco.javacpp.Pointer;
import org.capi.train.config.ConfigFile;
import org.capi.train.config.PretrainConfig;
import org.capi.train.metrics.ProcessMemory;

/** A run that writes down its memory every few steps, in the process of {@link SteadyMemoryTest}. */
final class SteadyRun {

    private static final int EVERY = 50;
    private static final int TAIL = 4096;

    private SteadyRun() {}

    /** Takes the image set, a folder for the runs, the number of steps, and the file for the samples. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        String set = arguments[0];
        Path folder = Path.of(arguments[1]);
        int steps = Integer.parseInt(arguments[2]);
        PretrainRun.start(folder.resolve("first"), set, config(2), List.of());
        collect();
        String before = pointers();
        List<String> lines = Collections.synchronizedList(new ArrayList<>());
        Thread sampler = sampler(folder.resolve("run"), steps, lines);
        sampler.start();
        // A dataset whose Arrow memory is not given back makes its closing fail, and with it the run.
        PretrainRun.start(folder.resolve("run"), set, config(steps), List.of());
        sampler.interrupt();
        sampler.join();
        collect();
        lines.add("pointers " + before + " " + pointers());
        Files.write(Path.of(arguments[3]), lines);
    }

    /** How many there are and how many bytes they hold, as one word. */
    private static String pointers() {
        return Pointer.totalCount() + ":" + Pointer.totalBytes();
    }

    private static PretrainConfig config(int steps) {
        return ConfigFile.preset("demo")
                .with(List.of(
                        "optim.total_steps=" + steps,
                        "optim.warmup_steps=0",
                        "metrics.tensorboard=true",
                        "checkpoint.every=100"))
                .resolve();
    }

    private static Thread sampler(Path run, int steps, List<String> lines) {
        var thread = new Thread(
                () -> {
                    try {
                        for (long next = EVERY; next <= steps; next += EVERY) {
                            while (lastStep(run.resolve("metrics.jsonl")) < next) {
                                Thread.sleep(50);
                            }
                            System.gc();
                            long resident = Objects.requireNonNull(
                                    ProcessMemory.now().residentBytes(), "this system does not tell the memory");
                            lines.add("step " + next + " " + (resident - committedHeap()));
                        }
                    } catch (InterruptedException | IOException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                "sampler");
        thread.setDaemon(true);
        return thread;
    }

    private static long lastStep(Path metrics) throws IOException {
        if (!Files.exists(metrics)) {
            return 0;
        }
        try (var file = FileChannel.open(metrics)) {
            var end = ByteBuffer.allocate(Math.toIntExact(Math.min(file.size(), TAIL)));
            file.read(end, file.size() - end.capacity());
            String text = new String(end.array(), 0, end.position(), StandardCharsets.UTF_8);
            int at = text.lastIndexOf("{\"step\":");
            return at < 0 ? 0 : Long.parseLong(text.substring(at + 8).replaceFirst("(?s)\\D.*", ""));
        }
    }

    private static long committedHeap() {
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getCommitted();
    }

    private static void collect() throws InterruptedException {
        for (int i = 0; i < 3; i++) {
            System.gc();
            Thread.sleep(200);
        }
    }
}

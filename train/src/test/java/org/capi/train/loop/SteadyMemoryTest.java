package org.capi.train.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.javacpp.Pointer;
import org.capi.data.source.drawn.Drawings;
import org.capi.train.config.ConfigFile;
import org.capi.train.config.PretrainConfig;
import org.capi.train.metrics.ProcessMemory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A run of the demo preset, {@code -Dcapi.steps=3000} of them, whose resident memory less the committed heap stays as it is
 * after step 300.
 */
@Tag("slow")
class SteadyMemoryTest {

    private static final int STEPS = Integer.getInteger("capi.steps", 600);
    private static final int FIRST = 300;
    private static final int EVERY = 50;
    private static final int TAIL = 4096;

    @TempDir
    private Path folder;

    @Test
    void residentMemoryLessTheHeapIsFlatAndNothingIsLeftAtTheEnd() throws IOException, InterruptedException {
        Path set = folder.resolve("set");
        new Drawings(200, 10, 64, 1).generate(set, (done, total) -> {});
        PretrainRun.start(folder.resolve("first"), set.toString(), config(2), List.of());
        collect();
        long pointers = Pointer.totalCount();
        long bytes = Pointer.totalBytes();
        var samples = new TreeMap<Long, Long>();
        var sampler = sampler(folder.resolve("run"), samples);
        sampler.start();
        // A dataset whose Arrow memory is not given back makes its closing fail, and with it the run.
        PretrainRun.start(folder.resolve("run"), set.toString(), config(STEPS), List.of());
        sampler.interrupt();
        sampler.join();
        collect();
        Files.writeString(
                Path.of("target/steady-memory.txt"),
                samples + "\npointers before " + pointers + " (" + bytes + " bytes), after " + Pointer.totalCount()
                        + " (" + Pointer.totalBytes() + " bytes)\n");
        List<Long> after = new ArrayList<>(samples.tailMap((long) FIRST).values());
        long early = median(after.subList(0, Math.max(1, after.size() / 5)));
        long late = median(after.subList(after.size() - Math.max(1, after.size() / 5), after.size()));
        assertThat((double) late / early).as("%s", samples).isBetween(0.97, 1.03);
        assertThat(Pointer.totalCount()).isEqualTo(pointers);
        assertThat(Pointer.totalBytes()).isEqualTo(bytes);
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

    private static Thread sampler(Path run, Map<Long, Long> samples) {
        var thread = new Thread(
                () -> {
                    try {
                        for (long next = EVERY; next <= STEPS; next += EVERY) {
                            while (lastStep(run.resolve("metrics.jsonl")) < next) {
                                Thread.sleep(50);
                            }
                            System.gc();
                            samples.put(next, ProcessMemory.now().residentBytes() - committedHeap());
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

    private static long median(List<Long> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }
}

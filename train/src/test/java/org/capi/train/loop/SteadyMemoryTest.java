package org.capi.train.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.capi.data.source.drawn.Drawings;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A run of the demo preset, {@code -Dcapi.steps=3000} of them, whose resident memory less the Java heap stays as it is
 * after step 300.
 *
 * <p>In a process whose heap is of one size and in memory from the start: the heap that a JVM commits and gives back
 * without having touched it is none of what is resident.
 */
@Tag("slow")
class SteadyMemoryTest {

    private static final int STEPS = Integer.getInteger("capi.steps", 600);
    private static final int FIRST = 300;

    /**
     * What late steps may hold more than early ones. Allocators keep the most that was ever needed at once, which
     * depends on the ops that happen to run next to each other: a jump of 7 % was seen in 600 steps on a busy machine,
     * 0.2 % in 3,000. A batch leaked in each of 300 steps would be about 30 %.
     */
    private static final double MORE = STEPS < 3000 ? 0.12 : 0.03;

    @TempDir
    private Path folder;

    @Test
    void residentMemoryLessTheHeapIsFlatAndNothingIsLeftAtTheEnd() throws IOException, InterruptedException {
        Path set = folder.resolve("set");
        new Drawings(200, 10, 64, 1).generate(set, (done, total) -> {});
        Path samples = Path.of("target/steady-memory.txt").toAbsolutePath();
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xms600m",
                        "-Xmx600m",
                        "-XX:+AlwaysPreTouch",
                        "--add-opens=java.base/java.nio=ALL-UNNAMED",
                        "-Dorg.bytedeco.javacpp.maxphysicalbytes=0",
                        "-cp",
                        System.getProperty("java.class.path"),
                        SteadyRun.class.getName(),
                        set.toString(),
                        folder.toString(),
                        Integer.toString(STEPS),
                        samples.toString())
                .inheritIO()
                .start();
        assertThat(process.waitFor()).isZero();
        List<Long> resident = new ArrayList<>();
        for (String line : Files.readAllLines(samples)) {
            String[] words = line.split(" ", -1);
            if (words[0].equals("step") && Integer.parseInt(words[1]) >= FIRST) {
                resident.add(Long.valueOf(words[2]));
            } else if (words[0].equals("pointers")) {
                assertThat(words[2]).as(line).isEqualTo(words[1]);
            }
        }
        int fifth = Math.max(1, resident.size() / 5);
        long early = median(resident.subList(0, fifth));
        long late = median(resident.subList(resident.size() - fifth, resident.size()));
        assertThat((double) late / early).as("%s", resident).isBetween(0.97, 1 + MORE);
    }

    private static long median(List<Long> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }
}

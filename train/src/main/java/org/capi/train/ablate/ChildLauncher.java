package org.capi.train.ablate;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.capi.train.child.ProgramCommand;
import org.capi.train.loop.StopRequest;

/**
 * Runs each command in a process of its own, which is asked to stop when this one is.
 *
 * <p>A process gets a session of its own where {@code setsid} is there: Ctrl-C in a terminal would otherwise reach it as
 * well as the request from here, and a training takes a second signal as an order to leave without its checkpoint. Each
 * carries a mark among its options for java, by which one that outlived its parent is found.
 */
public final class ChildLauncher implements Launcher {

    private static final Path SETSID = Path.of("/usr/bin/setsid");
    private static final Duration LOOK_EVERY = Duration.ofMillis(200);
    /** What the checkpoint of a large model may take. */
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private final StopRequest stop;
    private final String mark;

    /**
     * For one folder.
     *
     * @param ablation which this process holds
     */
    public ChildLauncher(Path ablation, StopRequest stop) {
        this.stop = stop;
        this.mark = "-Dcapi.ablation=" + ablation.toAbsolutePath().normalize();
    }

    @Override
    public int stoppedBy() {
        return stop.signal();
    }

    @Override
    public int run(List<String> arguments, Path output, Runnable meanwhile) throws IOException, InterruptedException {
        Files.createDirectories(output.toAbsolutePath().resolveSibling(""));
        List<String> command = new ArrayList<>();
        if (Files.isExecutable(SETSID)) {
            command.add(SETSID.toString());
        }
        command.addAll(ProgramCommand.of(List.of(mark), arguments));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(new File("/dev/null"))
                .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()))
                .start();
        boolean asked = false;
        while (!process.waitFor(LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS)) {
            if (stop.requested() && !asked) {
                process.destroy();
                asked = true;
            }
            meanwhile.run();
        }
        return process.exitValue();
    }

    /** Stops what an earlier call left running when it was killed, and waits for its checkpoint. */
    public void endOrphans(Consumer<String> say) throws InterruptedException {
        for (ProcessHandle orphan : orphans()) {
            say.accept("stopping process " + orphan.pid() + ", which an earlier call left behind");
            orphan.destroy();
            long until = System.nanoTime() + PATIENCE.toNanos();
            while (orphan.isAlive()) {
                if (System.nanoTime() > until) {
                    throw new IllegalStateException("process " + orphan.pid()
                            + ", which an earlier call left behind, does not end; end it with: kill -9 "
                            + orphan.pid());
                }
                Thread.sleep(LOOK_EVERY.toMillis());
            }
        }
    }

    private List<ProcessHandle> orphans() {
        try (Stream<ProcessHandle> all = ProcessHandle.allProcesses()) {
            return all.filter(process -> words(process).contains(mark)).toList();
        }
    }

    /** The command line of a process, whole; {@link ProcessHandle.Info} cuts one with a long class path. */
    private static List<String> words(ProcessHandle process) {
        try {
            byte[] bytes = Files.readAllBytes(Path.of("/proc", Long.toString(process.pid()), "cmdline"));
            return List.of(new String(bytes, StandardCharsets.UTF_8).split("\0"));
        } catch (IOException e) {
            return List.of(); // it ended, or is another user's
        }
    }
}

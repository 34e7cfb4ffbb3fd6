package org.capi.train.loop;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A run in a process of its own, to be killed. */
public record ChildRun(Process process, Path run, Thread reader) implements AutoCloseable {

    private static final long PATIENCE_SECONDS = 120;

    /** Starts a command; what it says is at the end of {@code output}. */
    public static ChildRun start(Path run, Path output, Collection<String> arguments) throws IOException {
        return start(List.of(), run, output, arguments);
    }

    /** The same with a program that starts java, and its arguments. */
    public static ChildRun start(List<String> wrapper, Path run, Path output, Collection<String> arguments)
            throws IOException {
        List<String> command = new ArrayList<>(wrapper);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "--add-opens=java.base/java.nio=ALL-UNNAMED",
                "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                "org.capi.train.cli.Main"));
        command.addAll(arguments);
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("TF_CPP_MIN_LOG_LEVEL", "3"); // as the launcher does
        Process process = builder.start();
        // Through a pipe: a limit on the size of the child's files must not silence it.
        var reader = new Thread(() -> copy(process.getInputStream(), output), "output");
        reader.setDaemon(true);
        reader.start();
        return new ChildRun(process, run, reader);
    }

    private static void copy(InputStream from, Path output) {
        try (from;
                OutputStream to = Files.newOutputStream(output, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            from.transferTo(to);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Begins a run. */
    public static ChildRun pretrain(Path run, Path set, Path output, List<String> overrides) throws IOException {
        List<String> arguments =
                new ArrayList<>(List.of("pretrain", "--data", set.toString(), "--run", run.toString()));
        arguments.addAll(overrides);
        return start(run, output, arguments);
    }

    public void send(String signal) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
                .start()
                .waitFor();
    }

    /** The step of the newest whole line of the metrics; 0 for none. */
    public long lastStep() throws IOException {
        Path file = run.resolve("metrics.jsonl");
        if (!Files.exists(file)) {
            return 0;
        }
        String text = Files.readString(file);
        int end = text.lastIndexOf('\n');
        if (end < 0) {
            return 0;
        }
        String line = text.substring(text.lastIndexOf('\n', end - 1) + 1, end);
        return Long.parseLong(line.replaceFirst("\\{\"step\":(\\d+),.*", "$1"));
    }

    public void awaitStep(long step) throws IOException, InterruptedException {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (lastStep() < step) {
            if (!process.isAlive() || System.nanoTime() > until) {
                throw new IllegalStateException("the run did not come to step " + step + " but to " + lastStep());
            }
            Thread.sleep(20);
        }
    }

    public int exit() throws InterruptedException {
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the run does not end");
        }
        reader.join();
        return process.exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}

package org.capi.train.evals;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.capi.train.child.ProgramCommand;

/**
 * A command of this program in a process of its own, of low priority and on the CPU.
 *
 * <p>{@code CAPI_EVALS_DEVICES} names the GPUs that it may use, as {@code CUDA_VISIBLE_DEVICES} does.
 */
record ChildCommand(List<String> arguments, Path output, Duration timeout) {

    private static final Path NICE = Path.of("/usr/bin/nice");
    private static final String NO_GPU = "-1";
    private static final int GRACE_SECONDS = 10;

    /** Runs it to its end; anything but success is an exception that quotes its last line. */
    void run() throws IOException, InterruptedException {
        Files.createDirectories(output.toAbsolutePath().getParent());
        var builder = new ProcessBuilder(command())
                .redirectErrorStream(true)
                .redirectInput(new File("/dev/null"))
                .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()));
        String devices = System.getenv("CAPI_EVALS_DEVICES");
        builder.environment().put("CUDA_VISIBLE_DEVICES", devices == null ? NO_GPU : devices);
        Process process = builder.start();
        try {
            if (!process.waitFor(timeout.toSeconds(), TimeUnit.SECONDS)) {
                throw new IOException("it took longer than " + timeout.toMinutes() + " minutes and was ended");
            }
        } finally {
            process.destroyForcibly();
            process.onExit().orTimeout(GRACE_SECONDS, TimeUnit.SECONDS);
        }
        if (process.exitValue() != 0) {
            throw new IOException(
                    "it ended with status " + process.exitValue() + ": " + lastLine() + "; see " + output);
        }
    }

    private List<String> command() {
        List<String> command = new ArrayList<>();
        if (Files.isExecutable(NICE)) {
            command.addAll(List.of(NICE.toString(), "-n", "19"));
        }
        command.addAll(ProgramCommand.of(List.of(), arguments));
        return command;
    }

    private String lastLine() throws IOException {
        List<String> lines = Files.readAllLines(output);
        return lines.isEmpty() ? "it said nothing" : lines.get(lines.size() - 1);
    }
}

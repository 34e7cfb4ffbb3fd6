package org.capi.train.child;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.capi.train.workers.Cluster;

/** Commands of this program in processes of their own, with the same JDK, classes and options for java. */
public final class ChildProcess {

    /** What the launcher script passes to java; a child gets it too. */
    private static final List<String> OPTION_VARIABLES = List.of("JAVA_OPTS", "CAPI_JAVA_OPTS");

    /** What makes a training one of several workers. */
    private static final List<String> CLUSTER_VARIABLES = List.of(Cluster.TF_CONFIG, Cluster.SLURM_TASKS);

    private ChildProcess() {}

    /**
     * Prepares a process: its standard input is empty, all its output goes to the end of a file.
     *
     * @param wrapper a program that starts java, with its arguments; left out where it is not installed
     * @param options for java, before all others
     * @param arguments such as {@code eval}, {@code knn}, {@code --json}
     */
    public static ProcessBuilder prepare(
            List<String> wrapper, List<String> options, List<String> arguments, Path output) throws IOException {
        List<String> command = new ArrayList<>();
        if (Files.isExecutable(Path.of(wrapper.get(0)))) {
            command.addAll(wrapper);
        }
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(List.of(
                "-Dsun.misc.unsafe.memory.access=allow",
                "--add-opens=java.base/java.nio=ALL-UNNAMED",
                "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                "--enable-native-access=ALL-UNNAMED"));
        for (String variable : OPTION_VARIABLES) {
            String given = System.getenv(variable);
            if (given != null && !given.isBlank()) {
                command.addAll(Arrays.asList(given.strip().split("\\s+")));
            }
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "org.capi.train.cli.Main"));
        command.addAll(arguments);
        Files.createDirectories(output.toAbsolutePath().getParent());
        ProcessBuilder child = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(new File("/dev/null"))
                .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()));
        CLUSTER_VARIABLES.forEach(child.environment()::remove); // a child is no worker of its parent's cluster
        child.environment().putIfAbsent("TF_CPP_MIN_LOG_LEVEL", "3"); // as the launcher script does
        return child;
    }

    /** The last line of an output file that is not blank; empty without one. */
    public static String lastLine(Path output) throws IOException {
        if (!Files.exists(output)) {
            return "";
        }
        return Files.readAllLines(output).stream()
                .filter(line -> !line.isBlank())
                .reduce("", (before, line) -> line);
    }
}

package org.capi.train.child;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The command line that starts this program once more, with the same JDK, classes and options for java. */
public final class ProgramCommand {

    /** What the launcher hands to java; a child gets it too. */
    private static final List<String> OPTION_VARIABLES = List.of("JAVA_OPTS", "CAPI_JAVA_OPTS");

    private ProgramCommand() {}

    /**
     * The words of the command line.
     *
     * @param options for java, before all others
     * @param arguments such as {@code eval}, {@code knn}, {@code --json}
     */
    public static List<String> of(List<String> options, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(List.of(
                "-Dsun.misc.unsafe.memory.access=allow",
                "--add-opens=java.base/java.nio=ALL-UNNAMED",
                "--enable-native-access=ALL-UNNAMED"));
        for (String variable : OPTION_VARIABLES) {
            String given = System.getenv(variable);
            if (given != null && !given.isBlank()) {
                command.addAll(Arrays.asList(given.strip().split("\\s+")));
            }
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "org.capi.train.cli.Main"));
        command.addAll(arguments);
        return command;
    }
}

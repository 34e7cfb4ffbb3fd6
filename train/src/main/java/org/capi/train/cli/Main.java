package org.capi.train.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.capi.train.doctor.Platform;
import org.capi.train.loop.NativeLog;
import org.capi.train.run.RunFolder.RunLog;
import org.capi.train.workers.WorkerServer;
import picocli.CommandLine;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.IFactory;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.TypeConversionException;

/** Starts the command line and turns failures into one line and an exit status. */
public final class Main {

    private static final Logger log = LogManager.getLogger(Main.class);

    private static final Set<String> WITHOUT_TENSORFLOW = Set.of("doctor", "config", "ablate");
    private static final Set<String> NO_DEFAULTS = Set.of("", "[]", "{}");
    private static final Set<String> TRAINING = Set.of("pretrain", "resume", "demo", "step");

    private Main() {}

    public static void main(String[] arguments) {
        // JavaCPP would otherwise stop the process when it holds more memory than the Java heap may.
        System.setProperty("org.bytedeco.javacpp.maxphysicalbytes", "0");
        Console console = Console.standard();
        String refusal = Platform.ofThisMachine().refusal(Platform.buildsAtHand());
        if (refusal != null) {
            console.say("capi: " + refusal);
            System.exit(Failure.USE);
        }
        int status = run(console, new CapiCommand(), Main::silenceTensorFlow, arguments);
        if (WorkerServer.started()) {
            Runtime.getRuntime().halt(status); // the server's threads still run, and would crash in an exit
        }
        System.exit(status);
    }

    /** Runs one command and returns its exit status. */
    static int run(Console console, String... arguments) {
        return run(console, new CapiCommand(), parsed -> {}, arguments);
    }

    /** Runs a command below a given root, after a preparation that sees what was parsed. */
    static int run(Console console, Object root, Consumer<ParseResult> before, String... arguments) {
        var debug = new Debug();
        CommandLine line = line(console, root).addMixin("debug", debug);
        showDefaults(line);
        line.setOut(console.writer(true))
                .setErr(console.writer(false))
                .setUsageHelpAutoWidth(true)
                .setExpandAtFiles(false) // an argument that begins with @ is a name
                .setExecutionStrategy(parsed -> {
                    before.accept(parsed);
                    return new CommandLine.RunLast().execute(parsed);
                })
                .setParameterExceptionHandler((wrongUse, given) -> failed(wrongUse, console, debug, given))
                .setExecutionExceptionHandler((failure, command, given) -> failed(failure, console, debug));
        try {
            return line.execute(arguments);
        } catch (Error e) {
            return failed(e, console, debug);
        }
    }

    /** The commands below a root, as they parse their arguments. */
    static CommandLine line(Console console, Object root) {
        return new CommandLine(root, new CommandFactory(console))
                .registerConverter(Path.class, Main::path)
                .setCaseInsensitiveEnumValuesAllowed(true);
    }

    /** Makes the commands, and gives them the console. */
    private record CommandFactory(Console console) implements IFactory {

        @Override
        public <K> K create(Class<K> type) throws Exception {
            if (type == ConfigCommand.class) {
                return type.cast(new ConfigCommand(console));
            }
            K made = CommandLine.defaultFactory().create(type);
            if (made instanceof ResultCommand command) {
                command.console = console;
            }
            return made;
        }
    }

    /** The option of every command that shows where a failure came from. */
    private static final class Debug {

        @Option(names = "--debug", scope = ScopeType.INHERIT, description = "Show the stack trace of a failure.")
        private boolean on;
    }

    /** Not for commands that need no TensorFlow, nor for the one that examines how it loads, and is quiet by itself. */
    private static void silenceTensorFlow(ParseResult parsed) {
        List<String> names = new ArrayList<>();
        for (ParseResult at = parsed; at != null; at = at.subcommand()) {
            boolean numbersOnly = at.commandSpec().name().equals("inspect") && !at.hasMatchedOption("--html");
            boolean launchOnly = at.matchedOptionValue("--workers", 1) != 1;
            if (at.isUsageHelpRequested() || at.isVersionHelpRequested() || numbersOnly || launchOnly) {
                return;
            }
            names.add(at.commandSpec().name());
        }
        if (names.stream().noneMatch(WITHOUT_TENSORFLOW::contains)) {
            NativeLog.silence(names.stream().anyMatch(TRAINING::contains));
        }
    }

    /** An empty text, such as that of a shell's variable that is not set, would name the working directory. */
    private static Path path(String text) {
        if (text.isBlank()) {
            throw new TypeConversionException("a path must not be empty, was '" + text + "'");
        }
        return Path.of(text);
    }

    /** Shows the defaults of arguments, but of what must be given and of lists that are empty unless they are given. */
    private static void showDefaults(CommandLine line) {
        CommandSpec command = line.getCommandSpec();
        command.usageMessage().showDefaultValues(true);
        for (ArgSpec argument : List.copyOf(command.args())) {
            boolean noDefault = argument.required() || NO_DEFAULTS.contains(argument.defaultValueString());
            if (argument.group() == null && noDefault) {
                command.remove(argument);
                command.add(
                        argument instanceof OptionSpec option
                                ? option.toBuilder()
                                        .showDefaultValue(Visibility.NEVER)
                                        .build()
                                : ((PositionalParamSpec) argument)
                                        .toBuilder()
                                                .showDefaultValue(Visibility.NEVER)
                                                .build());
            }
        }
        line.getSubcommands().values().forEach(Main::showDefaults);
    }

    private static int failed(Throwable thrown, Console console, Debug debug, String... arguments) {
        Failure failure = Failure.of(thrown, arguments);
        log.debug("the command failed", thrown); // reaches the log of a run, never the console
        String trace = failure.expected() || debug.on
                ? ""
                : RunLog.current().map(file -> "; the trace is in " + file).orElse("; --debug shows the trace");
        console.say("capi: " + failure.line() + trace);
        if (debug.on) {
            console.trace(thrown);
        }
        return failure.status();
    }
}

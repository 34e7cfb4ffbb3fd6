package org.capi.train.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.capi.train.loop.NativeLog;
import org.capi.train.run.RunLog;
import picocli.CommandLine;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.TypeConversionException;

/** Starts the command line and turns failures into one line and an exit status. */
public final class Main {

    private static final Logger log = LogManager.getLogger(Main.class);

    private static final Set<String> WITHOUT_TENSORFLOW = Set.of("doctor", "ablate");
    private static final Set<String> TRAINING = Set.of("pretrain", "resume", "demo", "step");

    private Main() {}

    public static void main(String[] arguments) {
        // JavaCPP would otherwise stop the process when it holds more memory than the Java heap may.
        System.setProperty("org.bytedeco.javacpp.maxphysicalbytes", "0");
        Console console = Console.standard();
        String platform = Platform.current().complaint();
        if (platform != null) {
            console.say("capi: " + platform);
            System.exit(Failure.WORKING);
        }
        System.exit(run(console, new CapiCommand(), parsed -> silenceTensorFlow(console, parsed), arguments));
    }

    /** Runs one command and returns its exit status. */
    static int run(Console console, String... arguments) {
        return run(console, new CapiCommand(), arguments);
    }

    /** Runs below a given root. */
    static int run(Console console, Object root, String... arguments) {
        return run(console, root, parsed -> {}, arguments);
    }

    private static int run(Console console, Object root, Consumer<ParseResult> before, String... arguments) {
        var debug = new Debug();
        CommandLine line = new CommandLine(root, new CommandFactory(console)).addMixin("debug", debug);
        showDefaults(line);
        line.registerConverter(Path.class, Main::path);
        line.setOut(console.outWriter())
                .setErr(console.errWriter())
                .setUsageHelpAutoWidth(true)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExpandAtFiles(false) // an argument that begins with @ is a name
                .setExecutionStrategy(parsed -> {
                    before.accept(parsed);
                    return new CommandLine.RunLast().execute(parsed);
                })
                .setParameterExceptionHandler((wrongUse, given) -> failed(wrongUse, console, debug))
                .setExecutionExceptionHandler((failure, command, given) -> failed(failure, console, debug));
        try {
            return line.execute(arguments);
        } catch (Error e) {
            return failed(e, console, debug);
        }
    }

    /** Not for commands that need no TensorFlow, nor for the one that examines how it loads. */
    private static void silenceTensorFlow(Console console, ParseResult parsed) {
        List<String> names = new ArrayList<>();
        for (ParseResult at = parsed; at != null; at = at.subcommand()) {
            boolean numbersOnly = at.commandSpec().name().equals("inspect") && !at.hasMatchedOption("--html");
            if (at.isUsageHelpRequested() || at.isVersionHelpRequested() || numbersOnly) {
                return;
            }
            names.add(at.commandSpec().name());
        }
        if (names.stream().noneMatch(WITHOUT_TENSORFLOW::contains)) {
            NativeLog.silence(names.stream().anyMatch(TRAINING::contains), console::say);
        }
    }

    /** An empty text, such as that of a shell's variable that is not set, would name the working directory. */
    private static Path path(String text) {
        if (text.isBlank()) {
            throw new TypeConversionException("a path must not be empty, was '" + text + "'");
        }
        return Path.of(text);
    }

    private static void showDefaults(CommandLine line) {
        CommandSpec command = line.getCommandSpec();
        command.usageMessage().showDefaultValues(true);
        for (OptionSpec option : List.copyOf(command.options())) {
            if (option.group() == null && hasNoDefault(option)) {
                command.remove(option);
                command.add(
                        option.toBuilder().showDefaultValue(Visibility.NEVER).build());
            }
        }
        for (PositionalParamSpec parameter : List.copyOf(command.positionalParameters())) {
            if (hasNoDefault(parameter)) {
                command.remove(parameter);
                command.add(
                        parameter.toBuilder().showDefaultValue(Visibility.NEVER).build());
            }
        }
        line.getSubcommands().values().forEach(Main::showDefaults);
    }

    /** What must be given, and lists that are empty unless something is given. */
    private static boolean hasNoDefault(ArgSpec argument) {
        return argument.required() || List.of("", "[]", "{}").contains(argument.defaultValueString());
    }

    private static int failed(Throwable thrown, Console console, Debug debug) {
        Failure failure = Failure.of(thrown);
        log.debug("the command failed", thrown); // reaches the log of a run, never the console
        String trace = failure.expected() || debug.on()
                ? ""
                : RunLog.current().map(file -> "; the trace is in " + file).orElse("; --debug shows the trace");
        console.say("capi: " + failure.line() + trace);
        if (debug.on()) {
            console.trace(thrown);
        }
        return failure.status();
    }
}

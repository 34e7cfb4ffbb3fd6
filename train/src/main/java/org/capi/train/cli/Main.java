package org.capi.train.cli;

import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.capi.train.run.RunLog;
import picocli.CommandLine;

/** Starts the command line and turns failures into one line and an exit status. */
public final class Main {

    private static final Logger log = LogManager.getLogger(Main.class);

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
        System.exit(run(console, arguments));
    }

    /** Runs one command and returns its exit status. */
    static int run(Console console, String... arguments) {
        return run(console, new CapiCommand(), arguments);
    }

    /** Runs below a given root. */
    static int run(Console console, Object root, String... arguments) {
        var debug = new Debug();
        CommandLine line = new CommandLine(root, new CommandFactory(console)).addMixin("debug", debug);
        showDefaults(line);
        line.setOut(console.outWriter())
                .setErr(console.errWriter())
                .setUsageHelpAutoWidth(true)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler((wrongUse, given) -> failed(wrongUse, console, debug))
                .setExecutionExceptionHandler((failure, command, given) -> failed(failure, console, debug));
        try {
            return line.execute(arguments);
        } catch (Error e) {
            return failed(e, console, debug);
        }
    }

    private static void showDefaults(CommandLine line) {
        line.getCommandSpec().usageMessage().showDefaultValues(true);
        line.getSubcommands().values().forEach(Main::showDefaults);
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

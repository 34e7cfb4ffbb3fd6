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
        var capi = new CapiCommand();
        CommandLine line = commandLine(capi, console);
        try {
            return line.execute(arguments);
        } catch (Error e) {
            return failed(e, console, capi.debug());
        }
    }

    private static CommandLine commandLine(CapiCommand capi, Console console) {
        var line = new CommandLine(capi, new CommandFactory(console));
        showDefaults(line);
        return line.setOut(console.outWriter())
                .setErr(console.errWriter())
                .setUsageHelpAutoWidth(true)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler((wrongUse, given) -> failed(wrongUse, console, capi.debug()))
                .setExecutionExceptionHandler((failure, command, given) -> failed(failure, console, capi.debug()));
    }

    private static void showDefaults(CommandLine line) {
        line.getCommandSpec().usageMessage().showDefaultValues(true);
        line.getSubcommands().values().forEach(Main::showDefaults);
    }

    private static int failed(Throwable thrown, Console console, boolean debug) {
        Failure failure = Failure.of(thrown);
        log.debug("the command failed", thrown); // reaches the log of a run, never the console
        String trace = failure.expected() || debug
                ? ""
                : RunLog.current().map(file -> "; the trace is in " + file).orElse("; --debug shows the trace");
        console.say("capi: " + failure.line() + trace);
        if (debug) {
            console.trace(thrown);
        }
        return failure.status();
    }
}

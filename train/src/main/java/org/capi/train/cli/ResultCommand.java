package org.capi.train.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Option;

/** A command that prints its result as lines for people, and with {@code --json} as one line of JSON for programs. */
abstract class ResultCommand implements Callable<Integer> {

    /** Set to the program's console right after the command is made. */
    Console console = Console.standard();

    @Option(names = "--json", description = "Print the result as one line of JSON.")
    boolean json;

    /** Prints a result that is all there is to report, and returns the exit status 0. */
    final int report(Object result) {
        console.print(result.toString());
        printJson(result);
        return 0;
    }

    /** Prints a record or a map as JSON if {@code --json} was given. */
    final void printJson(Object result) {
        if (json) {
            console.printJson(result);
        }
    }
}

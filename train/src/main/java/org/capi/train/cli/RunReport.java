package org.capi.train.cli;

import java.nio.file.Path;
import java.util.Locale;
import org.capi.train.loop.Pretraining.Outcome;

/** How commands print the end of a pretraining. */
final class RunReport {

    private RunReport() {}

    static void print(Console console, boolean json, Path run, Outcome outcome) {
        console.print(String.format(
                Locale.ROOT,
                "%s: %s steps, %.0f s, %.1f %% of the time waiting for data%s",
                run,
                Console.count(outcome.step()),
                outcome.seconds(),
                100 * outcome.dataWaitShare(),
                outcome.stopped() ? "; stopped, go on with: capi resume --run " + run : ""));
        if (json) {
            console.printJson(outcome);
        }
    }
}

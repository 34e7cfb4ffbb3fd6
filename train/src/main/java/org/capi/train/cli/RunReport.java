package org.capi.train.cli;

import java.nio.file.Path;
import java.util.Locale;
import org.capi.train.loop.Pretraining.Outcome;
import org.capi.train.metrics.StepMetrics;

/** How commands print the end of a pretraining. */
final class RunReport {

    private RunReport() {}

    /** Prints it and returns the exit status: 128 + signal for a run that was stopped. */
    static int print(Console console, boolean json, Path run, Outcome outcome) {
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
        return outcome.stopped() ? Failure.SIGNAL + outcome.stoppedBy() : 0;
    }

    /** Prints a step that was repeated. */
    static void print(Console console, boolean json, StepMetrics step) {
        console.print(String.format(
                Locale.ROOT,
                "step %d: student loss %.6g, clustering loss %.6g, target entropy %.6g, gradient norms %.6g and %.6g, %s",
                step.step(),
                step.studentLoss(),
                step.clusteringLoss(),
                step.targetEntropy(),
                step.gradientNorm(),
                step.clusteringGradientNorm(),
                step.updated() ? "update made" : "update skipped"));
        if (json) {
            console.printJson(step);
        }
    }
}

package org.capi.train.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.capi.train.demo.Demo;
import org.capi.train.demo.DemoResult;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs the whole job on the embedded set. */
@Command(
        name = "demo",
        description =
                "The whole job in some minutes: draws a labelled image set, pretrains on it, exports a SavedModel,"
                        + " probes it, draws its features and writes report.html.",
        footer = {"", "Example: capi demo --run runs/demo --minutes 10"})
final class DemoCommand implements Callable<Integer> {

    private final Console console;

    @Option(
            names = "--run",
            paramLabel = "DIR",
            defaultValue = "runs/demo",
            description = "The run's folder; where one is already, a number is added.")
    private Path run = Path.of("");

    @Option(names = "--minutes", paramLabel = "N", defaultValue = "5", description = "How long it may take.")
    private double minutes;

    @Option(names = "--json", description = "Print the result as one line of JSON.")
    private boolean json;

    DemoCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        Demo demo = new Demo(free(run), minutes);
        console.say("demo in " + demo.folder());
        DemoResult result =
                demo.run(List.of("demo", "--run", demo.folder().toString()), console.shown("drawing"), console::shown);
        console.print(String.format(
                Locale.ROOT,
                "k-NN top-1: %.1f %% pretrained, %.1f %% untrained, %.1f %% pixels, %.1f %% chance",
                100 * result.trainedTop1(),
                100 * result.untrainedTop1(),
                100 * result.pixelsTop1(),
                100 * result.chance()));
        console.print("look at " + result.report());
        if (json) {
            console.printJson(result);
        }
        return 0;
    }

    private static Path free(Path wanted) {
        Path folder = wanted;
        for (int i = 2; Files.exists(folder); i++) {
            folder = wanted.resolveSibling(wanted.getFileName() + "-" + i);
        }
        return folder;
    }
}

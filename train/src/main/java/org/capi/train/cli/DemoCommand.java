package org.capi.train.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.capi.train.demo.Demo;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "demo",
        description =
                "The whole job in some minutes: draws a labelled image set, pretrains on it, exports a SavedModel,"
                        + " probes it, draws its features and writes report.html.",
        footer = {"", "Example: capi demo --run runs/demo --minutes 10"})
final class DemoCommand extends ResultCommand {

    @Option(
            names = "--run",
            paramLabel = "DIR",
            defaultValue = "runs/demo",
            description = "The run's folder; where one is already, a number is added.")
    private Path run = Path.of("");

    @Option(names = "--minutes", paramLabel = "N", defaultValue = "5", description = "How long it may take.")
    private double minutes;

    @Override
    public Integer call() throws IOException {
        Path folder = run;
        for (int i = 2; Files.exists(folder); i++) {
            folder = run.resolveSibling(run.getFileName() + "-" + i);
        }
        var demo = new Demo(folder, minutes);
        console.say("demo in " + folder);
        var commandLine = List.of("demo", "--run", folder.toString());
        return report(demo.run(commandLine, console.progress("drawing"), console::progress));
    }
}

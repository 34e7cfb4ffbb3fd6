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
                "Shows the whole process in a few minutes: draws images, pretrains a small model on them, exports it,"
                        + " measures its features and writes report.html with figures.",
        footer = {"", "Example:", "  ./capi demo --minutes 10"})
final class DemoCommand extends ResultCommand {

    @Option(
            names = "--run",
            paramLabel = "DIR",
            defaultValue = "runs/demo",
            description = "The folder to create. If it exists, a number is added to its name.")
    private Path run = Path.of("");

    @Option(
            names = "--minutes",
            paramLabel = "N",
            defaultValue = "5",
            description = "About how long the demo takes, at least 1 minute.")
    private double minutes;

    @Override
    public Integer call() throws IOException {
        Path folder = run;
        for (int i = 2; Files.exists(folder); i++) {
            folder = run.resolveSibling(run.getFileName() + "-" + i);
        }
        var demo = new Demo(folder, minutes);
        console.say(
                folder.equals(run)
                        ? "the demo's folder is " + folder
                        : run + " exists already, so the demo's folder is " + folder);
        var commandLine = List.of("demo", "--run", folder.toString());
        int status = report(demo.run(commandLine, console.progress("drawing"), console::progress));
        console.say("next: open the report in a browser; it ends with the commands for your own photos");
        return status;
    }
}

package org.capi.train.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.capi.data.arrow.DatasetInfo;
import org.capi.data.arrow.DatasetPath;
import org.capi.data.arrow.ImageDataset;
import org.capi.data.arrow.Verification;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Says what a dataset holds. */
@Command(
        name = "inspect",
        description = "Says what a dataset holds: counts, sizes, classes.",
        footer = {"", "Example: capi data inspect sets/drawings --verify"})
final class DataInspectCommand implements Callable<Integer> {

    private final Console console;

    @Parameters(paramLabel = "DIR[:SPLIT]", description = "The dataset's folder; without a split, all of them.")
    private String dataset = "";

    @Option(names = "--verify", description = "Read every byte, check the checksums and name each fault.")
    private boolean verify;

    @Option(names = "--json", description = "Print the result as one line of JSON.")
    private boolean json;

    DataInspectCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        List<DataReport.Split> splits = new ArrayList<>();
        for (Path folder : DatasetPath.parse(dataset).splits()) {
            List<String> faults = verify ? faults(folder) : List.of();
            splits.add(faults.isEmpty() ? sound(folder) : damaged(folder, faults));
        }
        new DataReport(console, json).inspected(splits, verify);
        long faults = splits.stream().mapToLong(split -> split.damage().size()).sum();
        if (faults > 0) {
            throw new IllegalStateException("the dataset " + dataset + " is damaged: " + faults
                    + (faults == 1 ? " fault is" : " faults are") + " named above; import it again");
        }
        return 0;
    }

    private List<String> faults(Path folder) throws IOException {
        try (ConsoleProgress progress = console.progressInBytes("verifying " + folder)) {
            return Verification.faults(folder, progress);
        }
    }

    private static DataReport.Split sound(Path folder) {
        try (ImageDataset split = ImageDataset.open(folder)) {
            return new DataReport.Split(
                    String.valueOf(split.folder().getFileName()),
                    split.folder().toString(),
                    split.info().source(),
                    split.summary(),
                    split.info().shards().size(),
                    split.info().skipped(),
                    List.of());
        }
    }

    private static DataReport.Split damaged(Path folder, List<String> faults) {
        return new DataReport.Split(
                String.valueOf(folder.getFileName()), folder.toString(), "", null, 0, DatasetInfo.Skipped.NONE, faults);
    }
}

package org.capi.train.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.capi.data.Progress;
import org.capi.data.files.DurableFile;
import org.capi.savedmodels.VisionEncoder;
import org.capi.train.bench.ClusteringBench;
import org.capi.train.bench.DataBench;
import org.capi.train.bench.EncoderBench;
import org.capi.train.bench.EncoderBench.EncoderTimes;
import org.capi.train.bench.KnnBench;
import org.capi.train.bench.LogisticBench;
import org.capi.train.bench.StepBench;
import org.capi.train.bench.StepEstimate;
import org.capi.train.config.PretrainConfig;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The commands that measure. A benchmark declares its own options; its command prints the result. */
@Command(
        name = "bench",
        description = "Measures how fast one part of the program is on this machine, without the first calls.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            BenchCommand.BenchStep.class,
            BenchCommand.BenchData.class,
            BenchCommand.BenchClustering.class,
            BenchCommand.BenchEncoder.class,
            BenchCommand.BenchKnn.class,
            BenchCommand.BenchLogistic.class
        },
        footer = {"", "Example:", "  ./capi bench step --preset vitl14 optim.batch_size=64"})
final class BenchCommand {

    @Command(
            name = "step",
            description = "Times training steps on random images, without reading data.",
            footer = {"", "Example:", "  ./capi bench step --preset vits14 optim.batch_size=32 compute.xla=auto"})
    static final class BenchStep extends ResultCommand {

        @Mixin
        private final ConfigOptions config = new ConfigOptions();

        @Mixin
        private final StepBench bench = new StepBench();

        @Override
        public Integer call() throws IOException {
            PretrainConfig resolved = config.resolve();
            Optional<StepEstimate> estimate = bench.estimate(resolved);
            return report(
                    estimate.isPresent() ? estimate.get() : bench.run(resolved, console.progress("timing steps")));
        }
    }

    @Command(
            name = "data",
            description =
                    "Times how fast training batches are made from a dataset: reading, decoding, crops of 60 to 100 %%"
                            + " of the area, flips and masks.",
            footer = {"", "Example:", "  ./capi bench data --data sets/photos --threads 2 --images 20000"})
    static final class BenchData extends ResultCommand {

        @Mixin
        private final DataBench bench = new DataBench();

        @Override
        public Integer call() throws IOException {
            return report(bench.run(console.progress("making batches")));
        }
    }

    @Command(
            name = "clustering",
            description = "Measures the peak memory of the clustering in a training step on a CPU, in float32.",
            footer = {"", "Example:", "  ./capi bench clustering --sinkhorn standard"})
    static final class BenchClustering extends ResultCommand {

        @Mixin
        private final ClusteringBench bench = new ClusteringBench();

        @Override
        public Integer call() throws IOException {
            return report(bench.run());
        }
    }

    @Command(
            name = "encoder",
            description = "Times an exported encoder on random images, called as an application would call it.",
            footer = {"", "Example:", "  ./capi bench encoder --preset vits14 --batch 1,32"})
    static final class BenchEncoder extends ResultCommand {

        @Mixin
        private final ConfigOptions config = new ConfigOptions();

        @Mixin
        private final EncoderBench bench = new EncoderBench();

        @Option(
                names = "--model",
                paramLabel = "DIR",
                description =
                        "The folder of a SavedModel. Default: the model of the configuration with random weights.")
        private @Nullable Path model;

        @Option(
                names = "--batch",
                paramLabel = "N",
                split = ",",
                defaultValue = "1,32",
                description = "Images in a call; one number, or several to compare.")
        private List<Integer> batchSizes = List.of();

        @Override
        public Integer call() throws IOException {
            if (model != null) {
                return time(model);
            }
            Path folder = Files.createTempDirectory("capi-bench");
            try {
                return time(EncoderBench.exportUntrained(config.resolve().vit(), folder));
            } finally {
                DurableFile.deleteTree(folder);
            }
        }

        private int time(Path folder) {
            List<EncoderTimes> all = new ArrayList<>();
            Progress progress = console.progress("encoding");
            try (VisionEncoder encoder = VisionEncoder.load(folder)) {
                for (int batchSize : batchSizes) {
                    EncoderTimes times = bench.run(encoder, batchSize, progress);
                    all.add(times);
                    console.print(times.toString());
                }
            }
            printJson(Map.of("batches", all));
            return 0;
        }
    }

    @Command(
            name = "knn",
            description = "Times k-NN segmentation on random features: the search for the nearest neighbours of patches"
                    + " and their votes for the pixels.",
            footer = {"", "Example:", "  ./capi bench knn --bank 200000 --queries 20000 --dim 384 --k 10"})
    static final class BenchKnn extends ResultCommand {

        @Mixin
        private final KnnBench bench = new KnnBench();

        @Override
        public Integer call() throws IOException {
            return report(bench.run(console.progress("drawing features"), console.progress("searching")));
        }
    }

    @Command(
            name = "logistic",
            description = "Times logistic regression (L-BFGS) on random features.",
            footer = {"", "Example:", "  ./capi bench logistic --rows 100000 --dim 384 --classes 12"})
    static final class BenchLogistic extends ResultCommand {

        @Mixin
        private final LogisticBench bench = new LogisticBench();

        @Override
        public Integer call() throws IOException {
            return report(bench.run());
        }
    }
}

package org.capi.train.cli;

import picocli.CommandLine.Command;

/** The commands that measure. */
@Command(
        name = "bench",
        description = "Measures the throughput of one part, warm-up excluded.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            BenchStepCommand.class,
            BenchDataCommand.class,
            BenchClusteringCommand.class,
            BenchEncoderCommand.class,
            BenchKnnCommand.class,
            BenchLogisticCommand.class
        },
        footer = {"", "Example: capi bench step --preset vitl14 optim.batch_size=64"})
final class BenchCommand {}

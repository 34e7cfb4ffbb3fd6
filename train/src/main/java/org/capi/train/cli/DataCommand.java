package org.capi.train.cli;

import picocli.CommandLine.Command;

/** The commands that make and look at datasets. */
@Command(
        name = "data",
        description = "Makes datasets of Arrow shards, and looks at them.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {DataGenerateCommand.class, DataImportCommand.class, DataInspectCommand.class},
        footer = {"", "Example: capi data generate --to sets/drawings"})
final class DataCommand {}

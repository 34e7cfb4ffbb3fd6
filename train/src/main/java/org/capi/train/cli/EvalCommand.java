package org.capi.train.cli;

import picocli.CommandLine.Command;

/** The commands that judge a SavedModel. */
@Command(
        name = "eval",
        description =
                "Judges any SavedModel with the outputs global, registers and feature_map, and draws what it sees.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            EvalKnnCommand.class,
            EvalProbeCommand.class,
            EvalSegmentCommand.class,
            EvalPcaCommand.class,
            EvalDictionaryCommand.class,
            EvalRunCommand.class
        },
        footer = {
            "",
            "Example: capi eval knn --model models/photos --train sets/photos --test sets/photos:val --out evals/photos"
        })
final class EvalCommand {}

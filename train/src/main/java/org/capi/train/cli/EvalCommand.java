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
            "A SavedModel is a program, and TensorFlow has operations that read and write files. A model with any of them",
            "outside its saver, or with one that calls other code, is refused before it is loaded.",
            "",
            "Example: capi eval knn --model models/photos --train sets/photos --test sets/photos:val --out evals/photos"
        })
final class EvalCommand {}

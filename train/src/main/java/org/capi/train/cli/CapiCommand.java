package org.capi.train.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The root of the command line: every command is listed here. */
@Command(
        name = "capi",
        description = "Trains vision transformers on images without labels (CAPI), exports them as TensorFlow"
                + " SavedModels and measures how good their features are.",
        versionProvider = CapiCommand.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            DemoCommand.class,
            DoctorCommand.class,
            DataCommand.class,
            ConfigCommand.class,
            PretrainCommand.class,
            ResumeCommand.class,
            AblateCommand.class,
            ExportCommand.class,
            ImportWeightsCommand.class,
            ExportWeightsCommand.class,
            EmbedCommand.class,
            EvalCommand.class,
            BenchCommand.class
        },
        footer = {
            "",
            "./capi COMMAND --help shows the options of a command and an example.",
            "",
            "Exit status: 0 done; 1 failed while working; 2 wrong usage or input, nothing was",
            "done; 3 training diverged; 128 + N stopped by signal N, such as 130 for Ctrl-C.",
        })
final class CapiCommand {

    @SuppressWarnings("UnusedVariable") // picocli looks at the annotation only
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Show this help and exit.")
    private boolean help;

    @SuppressWarnings("UnusedVariable") // likewise
    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            description = "Show the version and exit.")
    private boolean version;

    /** The version of the jar by its manifest, or {@code development} outside a jar. */
    static final class Version implements IVersionProvider {

        @Override
        public String[] getVersion() {
            String version = Version.class.getPackage().getImplementationVersion();
            return new String[] {"capi " + (version == null ? "development" : version)};
        }
    }
}

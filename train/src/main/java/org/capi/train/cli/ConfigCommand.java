package org.capi.train.cli;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import org.capi.train.config.ConfigReference;
import org.capi.train.config.PretrainConfig;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "config",
        description = "Prints a complete configuration file for pretrain --config, with a comment on every key. With"
                + " KEY, only explains these keys or sections.",
        footer = {
            "",
            "Examples:",
            "  ./capi config --preset imagenette optim.batch_size=128 > mine.yaml",
            "  ./capi pretrain --data sets/photos --run runs/photos --config mine.yaml",
            "  ./capi config optim.batch_size",
            "  ./capi config data"
        })
final class ConfigCommand implements Callable<Integer> {

    private final Console console;

    @Mixin
    private final ConfigOptions config = new ConfigOptions();

    @SuppressWarnings("UnusedVariable") // for the help; the mixin has the values too
    @Parameters(
            paramLabel = "KEY",
            index = "0..*",
            arity = "0..*",
            description = "A key or section to explain, such as optim.batch_size, batch_size or optim.")
    private List<String> keys = List.of();

    @Option(names = "--list-presets", description = "List the presets and what each is for.")
    private boolean presets;

    @Option(names = "--markdown", description = "Explain all keys in Markdown; train/CONFIG.md is this text.")
    private boolean markdown;

    ConfigCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        if (presets || markdown) {
            print(markdown ? ConfigReference.markdown() : ConfigReference.presets());
            return 0;
        }
        List<String> named = config.takeKeys();
        if (config.isAuto()) {
            throw new IllegalArgumentException(
                    "--preset auto is chosen by pretrain for its images and --minutes, and is"
                            + " config.yaml in the folder of the run; give another preset, or --config with this file");
        }
        PretrainConfig resolved = config.resolve();
        if (named.isEmpty()) {
            print(ConfigReference.annotated(resolved, config.origin()));
        }
        for (int i = 0; i < named.size(); i++) {
            if (i > 0) {
                console.print("");
            }
            print(ConfigReference.of(named.get(i), config.given() ? resolved : null));
        }
        return 0;
    }

    private void print(List<String> lines) {
        lines.forEach(console::print);
    }
}

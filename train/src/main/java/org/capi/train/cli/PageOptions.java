package org.capi.train.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.capi.train.config.ConfigFile;
import org.capi.train.inspect.DatasetPage;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a command is told to write a page that shows a dataset. */
final class PageOptions {

    private static final String DEFAULT_PRESET = "imagenette";

    @Option(
            names = "--html",
            required = true,
            paramLabel = "FILE",
            description = "Write one page to look at: classes, sizes, what was left out, what training sees.")
    private Path file = Path.of("");

    @Option(
            names = "--preset",
            paramLabel = "NAME",
            description = "The configuration whose crops and masks the page shows. Default: imagenette.")
    private @Nullable String preset;

    @Option(names = "--config", paramLabel = "FILE", description = "The same from a file, such as a run's config.yaml.")
    private @Nullable Path config;

    @Option(
            names = "--seed",
            paramLabel = "S",
            description = "The seed of those crops and masks. Default: the configuration's.")
    private @Nullable Long seed;

    void write(Console console, String dataset) throws IOException {
        ConfigFile base = ConfigOptions.base(preset, config, DEFAULT_PRESET);
        ConfigFile seeded = seed == null ? base : base.with(List.of("seed=" + seed));
        new DatasetPage(dataset, seeded.resolve()).write(file);
        console.say("page " + file);
    }
}

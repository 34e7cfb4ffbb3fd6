package org.capi.train.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.capi.train.config.ConfigFile;
import org.capi.train.config.PretrainConfig;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The configuration of a command: a preset or a file, and overrides. */
final class ConfigOptions {

    private static final String DEFAULT_PRESET = "demo";
    private static final String AUTO = "auto";

    @Option(
            names = "--preset",
            paramLabel = "NAME",
            description =
                    "A configuration that comes with the program: demo, imagenette, vits14, vitb14, vitl14, vitl16, or"
                            + " a model of the paper's Table 8 by its name there, such as Adcab (./capi config"
                            + " --list-presets lists them); or auto, with --minutes: chosen by the images and the time."
                            + " Default: demo.")
    private @Nullable String preset;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "A configuration of your own instead of a preset; ./capi config prints one to start from.")
    private @Nullable Path file;

    @Parameters(
            paramLabel = "section.key=value",
            arity = "0..*",
            description = "Configuration keys to change; ./capi config KEY explains a key.")
    private List<String> overrides = new ArrayList<>();

    boolean isAuto() {
        return AUTO.equals(preset) && file == null;
    }

    /** The preset or the file, without the overrides. */
    ConfigFile base() throws IOException {
        return base(preset, file, DEFAULT_PRESET);
    }

    List<String> overrides() {
        return overrides;
    }

    /** Whether anything but the default was given. */
    boolean given() {
        return preset != null || file != null || !overrides.isEmpty();
    }

    /** Where the values are from, in a line or two. */
    String origin() {
        String name = preset == null ? DEFAULT_PRESET : preset;
        return (file == null ? "Preset " + name + ": " + ConfigFile.describe(name) : "From " + file + ".")
                + (overrides.isEmpty() ? "" : "\nChanged: " + String.join(" ", overrides));
    }

    /** Removes the arguments that give no value, and returns them. */
    List<String> takeKeys() {
        List<String> keys =
                overrides.stream().filter(word -> word.indexOf('=') < 0).toList();
        overrides.removeAll(keys);
        return keys;
    }

    /** Returns the complete configuration, checked. */
    PretrainConfig resolve() throws IOException {
        if (isAuto()) {
            throw new IllegalArgumentException(
                    "--preset auto is for pretrain with --minutes N, the time that the training may take");
        }
        ConfigFile base = base().with(overrides);
        try {
            return base.resolve();
        } catch (IllegalArgumentException e) {
            String message = String.valueOf(e.getMessage());
            if (file == null || !message.startsWith("missing key ")) {
                throw e;
            }
            throw new IllegalArgumentException(
                    file + ": " + message + "; to change a few keys of a preset, give --preset NAME and each of them as"
                            + " section.key=value",
                    e);
        }
    }

    /** Reads a preset or a file, or a default preset where neither was given; both together are refused. */
    static ConfigFile base(@Nullable String preset, @Nullable Path file, String otherwise) throws IOException {
        if (preset != null && file != null) {
            throw new IllegalArgumentException(
                    "--preset and --config exclude each other, were " + preset + " and " + file);
        }
        return file != null ? ConfigFile.read(file) : ConfigFile.preset(preset == null ? otherwise : preset);
    }
}

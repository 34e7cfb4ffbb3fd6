package org.capi.train.ablate;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.capi.train.config.ConfigFile;
import org.jspecify.annotations.Nullable;

/**
 * The configuration that all variants of a recipe start from.
 *
 * @param preset its name, or null where {@code config} names a file
 * @param config a path, seen from the recipe's folder
 * @param overrides values by their keys, such as {@code data.mask}
 */
record Base(
        @Nullable String preset,
        @Nullable String config,
        @Nullable Map<String, JsonNode> overrides) {

    Base {
        if ((preset == null) == (config == null)) {
            throw new IllegalArgumentException(
                    "base names either a preset or a config, was preset " + preset + " and config " + config);
        }
        overrides = Overrides.copy(overrides);
    }

    /** The configuration, overrides included. */
    ConfigFile read(Path folder) throws IOException {
        ConfigFile file =
                config == null ? ConfigFile.preset(String.valueOf(preset)) : ConfigFile.read(folder.resolve(config));
        return file.with(Overrides.texts(overrides));
    }

    @Override
    public String toString() {
        return (config == null ? "preset " + preset : config) + Overrides.phrase(overrides);
    }
}

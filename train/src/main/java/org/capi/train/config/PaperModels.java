package org.capi.train.config;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** The models of the paper's table under its names for them, each a preset and where it differs from it. */
final class PaperModels {

    private static final String RESOURCE = "paper";
    private static final String PRESET = "preset";

    private PaperModels() {}

    /** Their names, in the table's order. */
    static List<String> names() {
        List<String> names = new ArrayList<>();
        ConfigFile.resource(RESOURCE).fieldNames().forEachRemaining(names::add);
        return List.copyOf(names);
    }

    /** The configuration of one of them. */
    static ConfigFile read(String name) {
        JsonNode model = ConfigFile.resource(RESOURCE).get(name);
        List<String> differences = model.properties().stream()
                .filter(entry -> !entry.getKey().equals(PRESET))
                .map(entry -> entry.getKey() + "=" + entry.getValue())
                .toList();
        return ConfigFile.preset(model.get(PRESET).textValue()).with(differences);
    }
}

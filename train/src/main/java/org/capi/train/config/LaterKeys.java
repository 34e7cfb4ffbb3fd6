package org.capi.train.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Keys that configurations have gained since there are runs, each with the value by which it computes what was computed before
 * there was the key. Whoever adds a key adds it here too.
 */
final class LaterKeys {

    /** Of the two keys of one section, the older first. The window of collapse changes measures only; most presets have 300. */
    private static final List<Map.Entry<String, String>> BEFORE = List.of(
            Map.entry("metrics.collapse_window", "300"),
            Map.entry("model.positions", "rope"),
            Map.entry("model.predictor", "cross_attention"),
            Map.entry("capi.objective", "clustering"),
            Map.entry("capi.student_head", "linear"),
            Map.entry("capi.targets", "ema"),
            Map.entry("capi.teacher", "''"));

    private LaterKeys() {}

    /** Writes the values that a key had before it had others as they are written now: {@code compute.xla} was true or false. */
    static ObjectNode reworded(ObjectNode tree) {
        if (tree.get("compute") instanceof ObjectNode compute && compute.get("xla") instanceof BooleanNode clusters) {
            compute.put("xla", (clusters.booleanValue() ? Xla.AUTO : Xla.OFF).toString());
        }
        return tree;
    }

    /**
     * Gives a configuration those of the keys that it lacks.
     *
     * @return what was added, each {@code section.key=value}
     */
    static List<String> addTo(ObjectNode tree) {
        List<String> added = new ArrayList<>();
        for (var key : BEFORE) {
            int dot = key.getKey().indexOf('.');
            JsonNode section = tree.get(key.getKey().substring(0, dot));
            String name = key.getKey().substring(dot + 1);
            if (section instanceof ObjectNode mapping && !mapping.has(name)) {
                mapping.set(name, Yaml.parse(key.getValue(), key.getKey()));
                added.add(key.getKey() + "=" + key.getValue());
            }
        }
        return added;
    }
}

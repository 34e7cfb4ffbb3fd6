package org.capi.train.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.RecordComponent;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A configuration as it was written, before its overrides are laid over it and it is checked as a whole. */
public final class ConfigFile {

    /** The configurations that come with the program, besides the models of the paper. */
    public static final List<String> PRESETS = List.of("demo", "imagenette", "vits14", "vitb14", "vitl14", "vitl16");

    /** What a resumed run may change, because it does not change what is computed. */
    private static final List<String> RESUMABLE =
            List.of("compute.", "checkpoint.", "metrics.", "evals", "data.threads");

    /**
     * Keys that configurations have gained since there are runs, each with the value by which it computes what was
     * computed before there was the key; whoever adds a key adds it here too. Of two keys of one section, the older
     * first. The window of collapse changes measures only; most presets have 300.
     */
    private static final List<Map.Entry<String, String>> LATER_KEYS = List.of(
            Map.entry("metrics.collapse_window", "300"),
            Map.entry("model.positions", "rope"),
            Map.entry("model.predictor", "cross_attention"),
            Map.entry("capi.objective", "clustering"),
            Map.entry("capi.student_head", "linear"),
            Map.entry("capi.targets", "ema"),
            Map.entry("capi.teacher", "''"),
            Map.entry("compute.attention", "plain"),
            Map.entry("checkpoint.minutes", "0.0"),
            Map.entry("compute.collective_timeout", "120"),
            Map.entry("compute.gradient_transport", "float32"));

    private final ObjectNode tree;
    private final List<String> added;

    private ConfigFile(ObjectNode tree, List<String> added) {
        this.tree = reworded(tree);
        this.added = List.copyOf(added);
    }

    private ConfigFile(JsonNode tree, String source) {
        if (!(tree instanceof ObjectNode mapping)) {
            throw new IllegalArgumentException(source + " is no configuration: it has no keys");
        }
        this.tree = reworded(mapping);
        this.added = List.of();
    }

    /** What {@link #ofRun} had to add, each {@code section.key=value}. */
    public List<String> added() {
        return added;
    }

    /** Every name of a preset: {@link #PRESETS}, and the models of the paper by its names for them, such as Adcab. */
    public static List<String> presets() {
        return Stream.concat(PRESETS.stream(), paperModels().stream()).toList();
    }

    /** One of {@link #presets}. */
    public static ConfigFile preset(String name) {
        List<String> known = presets();
        if (!known.contains(name)) {
            String nearest = NearestName.to(name, known);
            throw new IllegalArgumentException("unknown preset " + name + "; "
                    + (nearest == null ? "known: " + String.join(", ", known) : "did you mean " + nearest + "?"));
        }
        return PRESETS.contains(name) ? new ConfigFile(resource(name), "preset " + name) : paperModel(name);
    }

    /** The names of the models of the paper's table, in its order. */
    static List<String> paperModels() {
        List<String> names = new ArrayList<>();
        resource("paper").fieldNames().forEachRemaining(names::add);
        return List.copyOf(names);
    }

    /** One of these: a preset and where it differs from it. */
    private static ConfigFile paperModel(String name) {
        JsonNode model = resource("paper").get(name);
        List<String> differences = model.properties().stream()
                .filter(entry -> !entry.getKey().equals("preset"))
                .map(entry -> entry.getKey() + "=" + entry.getValue())
                .toList();
        return ConfigFile.preset(model.get("preset").textValue()).with(differences);
    }

    /** What one of {@link #presets} is: the comment that it begins with, or another preset and the differences. */
    public static String describe(String name) {
        if (PRESETS.contains(name)) {
            return text(name).lines().findFirst().orElse("").replaceFirst("^# ", "");
        }
        JsonNode model = resource("paper").get(name);
        String differences = model.properties().stream()
                .filter(entry -> !entry.getKey().equals("preset"))
                .map(entry -> entry.getKey() + "=" + entry.getValue().toString().replace("\"", ""))
                .collect(Collectors.joining(" "));
        return model.get("preset").textValue() + (differences.isEmpty() ? "" : " with " + differences);
    }

    /** A YAML file next to this class. */
    static JsonNode resource(String name) {
        return Yaml.parse(text(name), "preset " + name);
    }

    private static String text(String name) {
        try (InputStream resource = ConfigFile.class.getResourceAsStream(name + ".yaml")) {
            if (resource == null) {
                throw new IllegalStateException("the preset " + name + " is missing from the jar");
            }
            return new String(resource.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the preset " + name, e);
        }
    }

    /**
     * The {@code config.yaml} of a run or of a checkpoint. One that an older version wrote lacks the keys that came
     * later, and gets the values by which it computes what it computed.
     */
    public static ConfigFile ofRun(Path file) throws IOException {
        ConfigFile written = read(file);
        ObjectNode tree = written.tree.deepCopy();
        List<String> added = addLaterKeys(tree);
        return new ConfigFile(tree, added);
    }

    /** A file, which has every key. */
    public static ConfigFile read(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException("no such configuration file: " + file);
        }
        try {
            return new ConfigFile(Yaml.parse(Files.readString(file), file.toString()), file.toString());
        } catch (MalformedInputException e) {
            throw new IllegalArgumentException(file + " is no configuration: not UTF-8 text", e);
        }
    }

    /** A text; {@code source} is its origin in messages. */
    public static ConfigFile parse(String yaml, String source) {
        return new ConfigFile(Yaml.parse(yaml, source), source);
    }

    /** Lays {@code section.key=value} over it; values are YAML. */
    public ConfigFile with(List<String> overrides) {
        ObjectNode changed = tree.deepCopy();
        for (String override : overrides) {
            int equals = override.indexOf('=');
            if (equals < 1) {
                var meant = ConfigKeys.meantKey(override);
                throw new IllegalArgumentException("an override is section.key=value, was " + override
                        + (meant == null ? "" : "; did you mean " + meant.override(null) + "?"));
            }
            String path = override.substring(0, equals).strip();
            set(changed, path, Yaml.parse(override.substring(equals + 1), path));
        }
        return new ConfigFile(changed, "the configuration");
    }

    /** Whether a resumed run may change a key. */
    public static boolean isResumable(String path) {
        return RESUMABLE.stream().anyMatch(path::startsWith);
    }

    /** Like {@link #with}, but refuses a key that would change what a resumed run computes. */
    public ConfigFile withResumed(List<String> overrides) {
        ConfigFile changed = with(overrides);
        for (String override : overrides) {
            if (!isResumable(override)) {
                throw new IllegalArgumentException("a resumed run may change only compute, checkpoint, metrics, evals"
                        + " and data.threads, was " + override);
            }
        }
        return changed;
    }

    /** The complete configuration, checked. */
    public PretrainConfig resolve() {
        return Yaml.bind(tree, PretrainConfig.class);
    }

    /** What differs from another in what is computed, each as {@code key is X there, Y now}. */
    public List<String> differences(ConfigFile now) {
        return differences(now, key -> !isResumable(key), " there, ", " now");
    }

    /** The same for every key, also those that do not change what is computed. */
    public List<String> allDifferences(ConfigFile now) {
        return allDifferences(now, " there, ", " now");
    }

    /**
     * The same in other words.
     *
     * @param first what follows this configuration's value, such as {@code " in worker 0, "}
     * @param second what follows the other's
     */
    public List<String> allDifferences(ConfigFile other, String first, String second) {
        return differences(other, key -> true, first, second);
    }

    private List<String> differences(ConfigFile now, Predicate<String> counts, String first, String second) {
        Map<String, String> ours = values();
        Map<String, String> theirs = now.values();
        Set<String> keys = new TreeSet<>(ours.keySet());
        keys.addAll(theirs.keySet());
        return keys.stream()
                .filter(counts)
                .filter(key -> !Objects.equals(ours.get(key), theirs.get(key)))
                .map(key -> key + " is " + ours.getOrDefault(key, "not given") + first
                        + theirs.getOrDefault(key, "not given") + second)
                .toList();
    }

    /** Every key with its value, the keys of sections as {@code section.key}. */
    private Map<String, String> values() {
        Map<String, String> values = new TreeMap<>();
        tree.properties().forEach(section -> {
            if (section.getValue() instanceof ObjectNode mapping) {
                mapping.properties()
                        .forEach(key -> values.put(
                                section.getKey() + "." + key.getKey(),
                                key.getValue().toString()));
            } else {
                values.put(section.getKey(), section.getValue().toString());
            }
        });
        return values;
    }

    private static void set(ObjectNode root, String path, JsonNode value) {
        Map<String, RecordComponent> sections = Yaml.keys(PretrainConfig.class);
        int dot = path.indexOf('.');
        String name = dot < 0 ? path : path.substring(0, dot);
        if (!sections.containsKey(name)) {
            throw ConfigKeys.unknown(path, "", List.copyOf(sections.keySet()));
        }
        Class<?> section = Yaml.section(sections.get(name).getGenericType());
        if (section == null) {
            if (dot >= 0) {
                throw new IllegalArgumentException(
                        "unknown key " + path + "; " + name + " has no keys of its own, give " + name
                                + (name.equals("evals") ? "=[{" + path.substring(dot + 1) + ": ..., ...}]" : "=..."));
            }
            root.set(name, value);
            return;
        }
        Map<String, RecordComponent> keys = Yaml.keys(section);
        if (dot < 0) {
            throw new IllegalArgumentException(name + " is a section; give one of its keys, such as " + name + "."
                    + keys.keySet().iterator().next() + "=...");
        }
        String key = path.substring(dot + 1);
        if (!keys.containsKey(key)) {
            throw ConfigKeys.unknown(path, name + ".", List.copyOf(keys.keySet()));
        }
        if (root.get(name) instanceof ObjectNode mapping) {
            mapping.set(key, value);
        } else {
            root.putObject(name).set(key, value);
        }
    }

    /**
     * Writes the values that a key had before it had others as they are written now: {@code compute.xla} and {@code
     * compute.recompute} were true or false.
     */
    private static ObjectNode reworded(ObjectNode tree) {
        if (tree.get("compute") instanceof ObjectNode compute) {
            if (compute.get("xla") instanceof BooleanNode clusters) {
                compute.put("xla", clusters.booleanValue() ? "auto" : "off");
            }
            if (compute.get("recompute") instanceof BooleanNode blocks) {
                compute.put("recompute", blocks.booleanValue() ? "blocks" : "off");
            }
        }
        return tree;
    }

    /**
     * Gives a configuration those of the keys that it lacks.
     *
     * @return what was added, each {@code section.key=value}
     */
    private static List<String> addLaterKeys(ObjectNode tree) {
        List<String> added = new ArrayList<>();
        for (var key : LATER_KEYS) {
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

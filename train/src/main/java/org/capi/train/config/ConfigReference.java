package org.capi.train.config;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.capi.train.config.ConfigKeys.KeyEntry;
import org.capi.train.config.ConfigKeys.Meant;
import org.jspecify.annotations.Nullable;

/** What is to be said of the keys of a configuration: as comments in one, key by key, and as a document. */
public final class ConfigReference {

    private static final int WIDTH = 100;
    private static final String EVALS =
            "evals: [{every: 500, weights: teacher, probe: knn, train: sets/photos, test: 'sets/photos:val'}]";

    private static final String INTRODUCTION = """
            # Configuration of a pretraining

            <!-- Written by: ./capi config --markdown > train/CONFIG.md -->

            A configuration is a YAML file that gives every key. `--preset` takes one that comes with the program, and
            `section.key=value` changes single keys:

            ```
            ./capi pretrain --data sets/photos --run runs/photos --preset imagenette optim.batch_size=128
            ```

            Or write a preset to a file, with the texts below as comments, and edit it:

            ```
            ./capi config --preset imagenette > mine.yaml
            ./capi pretrain --data sets/photos --run runs/photos --config mine.yaml
            ```

            `./capi config optim.batch_size` explains one key, and `./capi config optim` a section. The `config.yaml` of
            a run is a complete configuration as well. *paper* is the value in
            [arXiv 2502.08769](https://arxiv.org/abs/2502.08769), or in its code where the paper gives none.

            ## Presets

            | preset | what it is |
            | --- | --- |
            """;

    private ConfigReference() {}

    /** A complete configuration, as YAML with a comment on each key; {@code origin} says where its values are from. */
    public static List<String> annotated(PretrainConfig config, String origin) {
        JsonNode tree = Yaml.tree(config);
        List<String> lines = new ArrayList<>();
        origin.lines().forEach(line -> lines.addAll(comment("", line)));
        for (KeyEntry entry : ConfigKeys.entries()) {
            String path = entry.path();
            boolean list = path.equals("evals");
            if (path.startsWith("evals[]")) {
                continue;
            }
            boolean top = entry.section().isEmpty();
            String indent = top ? "" : "  ";
            if (top) {
                lines.add("");
            }
            lines.addAll(comment(indent, entry.key().meaning()));
            if (list) {
                items().forEach(item -> lines.addAll(
                        folded("#   " + item.name() + ": ", "#     ", item.key().meaning() + " " + sentences(item))));
                lines.add("# Example: " + EVALS);
            } else if (entry.isSection()) {
                lines.add(path + ":");
                continue;
            } else {
                lines.addAll(comment(indent, sentences(entry)));
            }
            lines.add(indent + entry.name() + ": " + value(tree, path));
        }
        return lines;
    }

    /** What is said of one key or of all keys of a section; its value in a configuration, if there is one, too. */
    public static List<String> of(String name, @Nullable PretrainConfig config) {
        List<KeyEntry> all = ConfigKeys.entries();
        String wanted = name.replace("evals.", "evals[].");
        List<KeyEntry> found = new ArrayList<>(
                all.stream().filter(entry -> entry.path().equals(wanted)).toList());
        List<String> lines = new ArrayList<>();
        if (found.isEmpty()) {
            Meant meant = ConfigKeys.meant(name);
            if (meant == null) {
                if (ConfigFile.presets().contains(name)) {
                    throw new IllegalArgumentException(name + " is a preset, not a key; give --preset " + name);
                }
                throw ConfigKeys.unknown(
                        name,
                        "",
                        all.stream()
                                .filter(entry -> entry.section().isEmpty())
                                .map(KeyEntry::path)
                                .toList());
            }
            found.add(meant.entry());
            if (!meant.entry().name().equals(name)) {
                lines.add(name + " is "
                        + meant.question().replaceFirst("\\? ?", ": ").replaceFirst(": $", " here."));
                lines.add("");
            }
        }
        KeyEntry first = found.get(0);
        if (first.isSection()) {
            lines.addAll(wrapped("", first.path() + ": " + first.key().meaning()));
            all.stream().filter(entry -> entry.section().equals(first.path())).forEach(entry -> {
                lines.add("");
                lines.addAll(described(entry, config));
            });
        } else {
            lines.addAll(described(first, config));
        }
        return lines;
    }

    private static List<String> described(KeyEntry entry, @Nullable PretrainConfig config) {
        List<String> lines = new ArrayList<>(List.of(entry.path()));
        lines.addAll(wrapped("  ", entry.key().meaning()));
        Map<String, String> facts = facts(entry);
        if (config != null && !entry.path().contains("[]")) {
            facts.put("here", value(Yaml.tree(config), entry.path()));
        }
        facts.forEach((fact, text) -> lines.addAll(hanging(String.format(Locale.ROOT, "  %-9s", fact + ":"), text)));
        return lines;
    }

    /** Everything about all keys, as Markdown. */
    public static List<String> markdown() {
        List<String> lines = new ArrayList<>(INTRODUCTION.lines().toList());
        ConfigFile.PRESETS.forEach(preset -> lines.add("| `" + preset + "` | " + ConfigFile.describe(preset) + " |"));
        lines.addAll(List.of(
                "| `auto` | With `--minutes N`: chosen by the images and the time, for 500 to 5,000 images on a CPU."
                        + " See [Small sets](README.md#small-sets). |",
                "",
                "The others are the models of the paper's Table 8 under their names there"
                        + " (`./capi config --list-presets`):"));
        lines.addAll(wrapped("", String.join(", ", ConfigFile.paperModels()) + "."));
        for (KeyEntry entry : ConfigKeys.entries()) {
            lines.addAll(List.of("", (entry.section().isEmpty() ? "## `" : "### `") + entry.path() + "`", ""));
            lines.addAll(wrapped("", code(entry, entry.key().meaning())));
            if (!entry.isSection()) {
                lines.add("");
                facts(entry).forEach((fact, text) -> lines.addAll(folded("- " + fact + ": ", "  ", code(entry, text))));
            } else if (entry.path().equals("evals")) {
                lines.addAll(List.of("", "```", EVALS, "```"));
            }
        }
        return lines;
    }

    /** The presets, each with what it is. */
    public static List<String> presets() {
        int width = ConfigFile.presets().stream().mapToInt(String::length).max().orElse(0);
        return ConfigFile.presets().stream()
                .flatMap(name ->
                        hanging(String.format(Locale.ROOT, "%-" + (width + 2) + "s", name), ConfigFile.describe(name))
                                .stream())
                .toList();
    }

    /** The first sentence about a key. */
    public static String summary(String path) {
        return ConfigKeys.entries().stream()
                .filter(entry -> entry.path().equals(path))
                .map(entry -> entry.key().meaning().replaceFirst("(?<=\\.) .*", ""))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no key " + path));
    }

    private static List<KeyEntry> items() {
        return ConfigKeys.entries().stream()
                .filter(entry -> entry.section().equals("evals"))
                .toList();
    }

    /** Type, range and the paper's value: {@code Number, greater than 0. Paper: 1e-3.} */
    private static String sentences(KeyEntry entry) {
        String values = entry.values();
        String paper = entry.key().paper();
        return values.substring(0, 1).toUpperCase(Locale.ROOT) + values.substring(1) + "."
                + (paper.isEmpty() ? "" : " Paper: " + paper + ".");
    }

    private static Map<String, String> facts(KeyEntry entry) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("values", entry.values());
        if (!entry.key().paper().isEmpty()) {
            facts.put("paper", entry.key().paper());
        }
        if (!entry.path().contains("[]")) {
            facts.put("presets", presetValues(entry.path()));
        }
        return facts;
    }

    /** {@code 64 (demo, imagenette), 512 (vits14, vitb14)}, or one value if all have it. */
    private static String presetValues(String path) {
        Map<String, List<String>> presets = new LinkedHashMap<>();
        for (String preset : ConfigFile.PRESETS) {
            JsonNode tree = Yaml.tree(ConfigFile.preset(preset).resolve());
            presets.computeIfAbsent(value(tree, path), value -> new ArrayList<>())
                    .add(preset);
        }
        return presets.size() == 1
                ? presets.keySet().iterator().next()
                : presets.entrySet().stream()
                        .map(value -> value.getKey() + " (" + String.join(", ", value.getValue()) + ")")
                        .collect(Collectors.joining(", "));
    }

    private static String value(JsonNode tree, String path) {
        return value(tree.at("/" + path.replace('.', '/')));
    }

    /** A value as YAML in one line. */
    private static String value(JsonNode value) {
        if (value.isTextual()) {
            String text = value.textValue();
            boolean plain = text.matches("[a-z]\\w*") && !text.matches("true|false|null");
            return text.isEmpty() ? "''" : plain ? text : value.toString();
        }
        if (value.isArray()) {
            return value.valueStream().map(ConfigReference::value).collect(Collectors.joining(", ", "[", "]"));
        }
        if (value.isObject()) {
            return value.propertyStream()
                    .map(entry -> entry.getKey() + ": " + value(entry.getValue()))
                    .collect(Collectors.joining(", ", "{", "}"));
        }
        return value.isNumber() ? value.toString().replace('E', 'e') : value.toString();
    }

    /** Marks as code: keys with a dot in them, and the values of a key that has names for them. */
    private static String code(KeyEntry entry, String text) {
        String marked = text.replaceAll("\\b([a-z]+\\.[a-z]\\w*)", "`$1`");
        Class<?> type = entry.component().getType();
        for (String value : type.isEnum() ? ConfigKeys.names(type) : List.<String>of()) {
            marked = marked.replaceAll("(?<![\\w`])" + value + "(?=:|,|$| \\()", "`" + value + "`");
        }
        return marked;
    }

    private static List<String> comment(String indent, String text) {
        return wrapped(indent + "# ", text);
    }

    private static List<String> wrapped(String prefix, String text) {
        return folded(prefix, prefix, text);
    }

    private static List<String> hanging(String first, String text) {
        return folded(first, " ".repeat(first.length()), text);
    }

    private static List<String> folded(String first, String next, String text) {
        List<String> lines = new ArrayList<>();
        var line = new StringBuilder(first);
        boolean empty = true;
        for (String word : text.split(" ", -1)) {
            if (!empty && line.length() + 1 + word.length() > WIDTH) {
                lines.add(line.toString());
                line = new StringBuilder(next);
                empty = true;
            }
            line.append(empty ? "" : " ").append(word);
            empty = false;
        }
        lines.add(line.toString());
        return lines;
    }
}

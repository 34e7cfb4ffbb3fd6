package org.capi.train.config;

import com.fasterxml.jackson.databind.JsonNode;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.capi.train.config.PretrainConfig.ImageSize;
import org.jspecify.annotations.Nullable;

/** The keys of a configuration, and which of them another name stands for. */
public final class ConfigKeys {

    private static final String EPOCHS = "steps = epochs x images / optim.batch_size";
    private static final Map<String, Key> KEYS = read();

    private ConfigKeys() {}

    /**
     * What {@code keys.yaml} says of a key; texts are empty where it says nothing. Messages, {@code capi config} and
     * CONFIG.md have it from here.
     *
     * @param meaning in plain words; the first sentence can stand alone
     * @param paper the value of the paper, or of its code where the paper gives none, and remarks
     * @param atLeast a bound of the number, or of each number of a list, as the three after it; NaN for none
     * @param rule what else must hold, such as a rule about other keys
     * @param synonyms names that other programs have for it; {@code name=value} is a name for this value of it
     */
    record Key(
            String meaning,
            String paper,
            double atLeast,
            double above,
            double atMost,
            double below,
            String rule,
            List<String> synonyms) {

        private static Key of(JsonNode said) {
            return new Key(
                    said.path("meaning").asText(),
                    said.path("paper").asText(),
                    said.path("at_least").asDouble(Double.NaN),
                    said.path("above").asDouble(Double.NaN),
                    said.path("at_most").asDouble(Double.NaN),
                    said.path("below").asDouble(Double.NaN),
                    said.path("rule").asText(),
                    List.of(said.path("synonyms").asText().split(" ")));
        }
    }

    /**
     * A section or a key with its path: {@code optim}, {@code optim.betas}, {@code seed}; those of the items of a list
     * as {@code evals[].every}.
     */
    record KeyEntry(String path, RecordComponent component) {

        Key key() {
            return ConfigKeys.key(path);
        }

        /** Whether it has keys below it. */
        boolean isSection() {
            return keysOf(component.getGenericType()) != null;
        }

        /** The last part of the path. */
        String name() {
            return path.substring(path.lastIndexOf('.') + 1);
        }

        /** The part before the name, without brackets; empty for a section, and for a key that is in none. */
        String section() {
            return path.substring(0, Math.max(0, path.lastIndexOf('.'))).replace("[]", "");
        }

        /** Type, range and rule: {@code whole number, at least 1; must divide optim.batch_size}. */
        String values() {
            Type type = component.getGenericType();
            String range = range(key());
            String each = type instanceof ParameterizedType && !range.isEmpty() ? "each " : "";
            return Stream.of(type(type) + (range.isEmpty() ? "" : ", " + each + range), key().rule())
                    .filter(part -> !part.isEmpty())
                    .collect(Collectors.joining("; "));
        }

        /** What may stand after the equals sign, in short. */
        private String placeholder() {
            Class<?> type = component.getType();
            if (type.isEnum()) {
                return String.join("|", names(type));
            }
            boolean number = type == double.class || type == int.class || type == long.class || type == ImageSize.class;
            String other = type == List.class ? "[A,B]" : "...";
            return number ? "N" : type == boolean.class ? "true|false" : other;
        }
    }

    /**
     * What a name that is no key was meant to be.
     *
     * @param value the value that the name stands for, or null
     */
    public record Meant(
            String name, KeyEntry entry, @Nullable String value) {

        /** The path of the key. */
        public String path() {
            return entry.path;
        }

        /** The key, with its value where the name says it, as the end of a question. */
        String question() {
            return entry.path + (value == null ? "?" : "=" + value + "?") + (epochs() ? " " + EPOCHS : "");
        }

        /** The override to write for a name that came with a value, or with none. */
        public String override(@Nullable String given) {
            String said = value;
            if (said == null && given != null && !epochs()) {
                said = Yaml.accepts(entry, given) ? given : valueMeant(entry.key(), given);
            }
            return entry.path + "=" + (said == null ? entry.placeholder() : said)
                    + (epochs() ? ", where " + EPOCHS : "");
        }

        private boolean epochs() {
            return name.contains("epoch");
        }
    }

    /** What is said of a key by its path, in which the items of lists may have their numbers. */
    static Key key(String path) {
        String general = path.replaceFirst("\\[\\d+]$", "").replaceFirst("\\[\\d+]", "[]");
        Key key = KEYS.get(general);
        if (key == null) {
            throw new IllegalStateException("keys.yaml lacks " + general);
        }
        return key;
    }

    private static Map<String, Key> read() {
        Map<String, Key> keys = new LinkedHashMap<>();
        ConfigFile.resource("keys").properties().forEach(said -> keys.put(said.getKey(), Key.of(said.getValue())));
        return keys;
    }

    /** The record whose components are the keys of a section, or of the items of a list; null for other types. */
    private static @Nullable Class<?> keysOf(Type type) {
        return Yaml.section(type instanceof ParameterizedType list ? list.getActualTypeArguments()[0] : type);
    }

    /** All sections and keys, each section before its keys. */
    static List<KeyEntry> entries() {
        List<KeyEntry> entries = new ArrayList<>();
        Yaml.keys(PretrainConfig.class).forEach((name, component) -> {
            entries.add(new KeyEntry(name, component));
            Type type = component.getGenericType();
            Class<?> keys = keysOf(type);
            if (keys != null) {
                String prefix = name + (type instanceof ParameterizedType ? "[]." : ".");
                Yaml.keys(keys).forEach((key, part) -> entries.add(new KeyEntry(prefix + key, part)));
            }
        });
        return List.copyOf(entries);
    }

    /** The type in words. */
    private static String type(Type type) {
        if (type instanceof ParameterizedType list) {
            return Yaml.section(list.getActualTypeArguments()[0]) == null ? "list of numbers" : "list";
        }
        if (type instanceof Class<?> some && some.isEnum()) {
            return "one of " + String.join(", ", names(some));
        }
        if (type == int.class || type == long.class) {
            return "whole number";
        }
        return type == double.class
                ? "number"
                : type == boolean.class
                        ? "true or false"
                        : type == ImageSize.class ? "whole number of pixels, or [height, width]" : "text";
    }

    /** The constants of an enum as the YAML has them. */
    static List<String> names(Class<?> type) {
        return Arrays.stream(type.getEnumConstants())
                .map(constant -> PretrainConfig.name((Enum<?>) constant))
                .toList();
    }

    /** The bounds in words, such as {@code at least 0 and less than 1}; empty for none. */
    static String range(Key key) {
        Map<String, Double> bounds = new LinkedHashMap<>();
        bounds.put("at least ", key.atLeast());
        bounds.put("greater than ", key.above());
        bounds.put("at most ", key.atMost());
        bounds.put("less than ", key.below());
        return bounds.entrySet().stream()
                .filter(bound -> !bound.getValue().isNaN())
                .map(bound -> bound.getKey() + bound.getValue().longValue())
                .collect(Collectors.joining(" and "));
    }

    /** Refuses a number out of bounds. */
    static void checkRange(JsonNode number, boolean whole, String path) {
        Key key = key(path);
        double value = number.doubleValue();
        // A comparison with NaN is false.
        if (value < key.atLeast() || value <= key.above() || value > key.atMost() || value >= key.below()) {
            throw new IllegalArgumentException(path + " must be " + range(key) + ", was "
                    + (whole ? Long.toString(number.longValue()) : Double.toString(value)));
        }
    }

    /** The value of a key that another word stands for, such as {@code gpu} for {@code cuda}; null for no such word. */
    static @Nullable String valueMeant(Key key, String word) {
        String start = word.toLowerCase(Locale.ROOT) + "=";
        return key.synonyms().stream()
                .filter(synonym -> synonym.startsWith(start))
                .map(synonym -> synonym.substring(start.length()))
                .findFirst()
                .orElse(null);
    }

    /**
     * The key that a name stands for, written as in an override or as an option: a key with dashes, capitals, no
     * section or another, or the word that another program has for it. Null if there is none, or several.
     */
    public static @Nullable Meant meant(String name) {
        String words = words(name);
        KeyEntry section = section(words);
        if (section != null) {
            Meant here = meant(
                    words,
                    entries().stream()
                            .filter(entry -> entry.section().equals(section.path))
                            .toList());
            if (here != null) {
                return here;
            }
        }
        return meant(words, entries());
    }

    /** The same, but null for a section. */
    public static @Nullable Meant meantKey(String name) {
        Meant meant = meant(name);
        return meant == null || meant.entry.isSection() ? null : meant;
    }

    /** The key whose path, name or other name differs from a name by few letters; null if there is none. */
    public static @Nullable Meant nearKey(String name) {
        Meant near = near(words(name));
        return near == null || near.entry.isSection() ? null : near;
    }

    private static @Nullable Meant meant(String words, List<KeyEntry> among) {
        String last = words.substring(words.lastIndexOf('.') + 1);
        List<KeyEntry> same =
                among.stream().filter(entry -> entry.name().equals(last)).toList();
        if (same.size() == 1) {
            return new Meant(words, same.get(0), null);
        }
        for (KeyEntry entry : among) {
            for (String synonym : entry.key().synonyms()) {
                String[] parts = synonym.split("=", 2);
                if (parts[0].equals(last)) {
                    return new Meant(words, entry, parts.length == 1 ? null : parts[1]);
                }
            }
        }
        return null;
    }

    /** The section that the first part of a path names, by its name or by another; null if there is none. */
    private static @Nullable KeyEntry section(String words) {
        int dot = words.indexOf('.');
        Meant meant = dot < 0
                ? null
                : meant(
                        words.substring(0, dot).replaceFirst("\\[.*", ""),
                        entries().stream().filter(KeyEntry::isSection).toList());
        return meant == null ? null : meant.entry;
    }

    private static String words(String name) {
        return name.replaceFirst("^-+", "")
                .replaceAll("([a-z0-9])([A-Z])", "$1_$2")
                .toLowerCase(Locale.ROOT)
                .replace('-', '_');
    }

    /**
     * The message for a key that is not there, with the one that was probably meant.
     *
     * @param path of the key that was given
     * @param prefix of the section that it was looked for in, with a dot at the end; empty for none
     * @param siblings the keys that are there
     */
    static IllegalArgumentException unknown(String path, String prefix, List<String> siblings) {
        return new IllegalArgumentException("unknown key " + path + "; " + hint(path, prefix, siblings));
    }

    private static String hint(String path, String prefix, List<String> siblings) {
        String key = path.substring(prefix.length());
        String typing = NearestName.within(Math.max(1, key.length() / 3), key, siblings);
        Meant meant = meant(path);
        boolean sure =
                meant != null && (meant.entry.name().equals(key) || (meant.entry.section() + ".").equals(prefix));
        if (meant != null && (sure || typing == null)) {
            return "did you mean " + meant.question();
        }
        String nearest = typing != null || prefix.isEmpty() ? typing : NearestName.to(key, siblings);
        if (nearest != null) {
            return "did you mean " + prefix + nearest + "?";
        }
        String words = words(path);
        List<KeyEntry> every =
                entries().stream().filter(entry -> entry.name().equals(words)).toList();
        if (!every.isEmpty()) {
            return "did you mean " + every.stream().map(KeyEntry::path).collect(Collectors.joining(" or ")) + "?";
        }
        Meant near = near(words);
        if (near != null) {
            return "did you mean " + near.question();
        }
        String where = prefix.isEmpty() ? "here" : "in " + prefix.replaceFirst("\\.$", "");
        return "known " + where + ": " + String.join(", ", siblings);
    }

    /** The key whose path, name or other name differs least; null if none is near. */
    private static @Nullable Meant near(String words) {
        Map<String, Meant> names = new LinkedHashMap<>();
        for (KeyEntry entry : entries()) {
            boolean dotted = words.indexOf('.') >= 0;
            if (!dotted || !entry.isSection()) {
                names.put(entry.path, new Meant(words, entry, null));
            }
            if (!dotted) {
                names.putIfAbsent(entry.name(), new Meant(words, entry, null));
                for (String synonym : entry.key().synonyms()) {
                    String[] parts = synonym.split("=", 2);
                    names.putIfAbsent(parts[0], new Meant(words, entry, parts.length == 1 ? null : parts[1]));
                }
            }
        }
        String nearest = NearestName.within(Math.max(1, words.length() / 3), words, names.keySet());
        return nearest == null ? null : names.get(nearest);
    }
}

package org.capi.train.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The keys that a record wants from a YAML mapping, and the check of a mapping against them. */
final class Keys {

    private static final PropertyNamingStrategies.NamingBase SNAKE_CASE =
            new PropertyNamingStrategies.SnakeCaseStrategy();

    private Keys() {}

    /** The keys of a record, each with the type of its value, in order. */
    static Map<String, Type> of(Class<?> record) {
        Map<String, Type> keys = new LinkedHashMap<>();
        for (RecordComponent component : record.getRecordComponents()) {
            keys.put(SNAKE_CASE.translate(component.getName()), component.getGenericType());
        }
        return keys;
    }

    /** The record behind a section such as {@code optim}, or null if the type is that of a value. */
    static @Nullable Class<?> section(Type type) {
        return type instanceof Class<?> c && c.isRecord() && c != ImageSize.class ? c : null;
    }

    /** Refuses a tree that lacks a key, has one that is not wanted, or holds a value of another type. */
    static void check(JsonNode tree, Type type, String path) {
        Class<?> record = section(type);
        if (record != null) {
            checkMapping(tree, record, path);
        } else if (type instanceof ParameterizedType list) {
            wanted(tree.isArray(), path, "a list", tree);
            for (int i = 0; i < tree.size(); i++) {
                check(tree.get(i), list.getActualTypeArguments()[0], path + "[" + i + "]");
            }
        } else {
            checkScalar(tree, (Class<?>) type, path);
        }
    }

    /** The message for a key that is not there, with the nearest one that is. */
    static IllegalArgumentException unknown(String path, Set<String> siblings, String prefix) {
        String key = path.substring(prefix.length());
        String nearest = Nearest.to(key, siblings);
        String hint = nearest == null
                ? "known here: " + siblings.stream().map(k -> prefix + k).collect(Collectors.joining(", "))
                : "did you mean " + prefix + nearest + "?";
        return new IllegalArgumentException("unknown key " + path + "; " + hint);
    }

    private static void checkMapping(JsonNode tree, Class<?> record, String path) {
        String prefix = path.isEmpty() ? "" : path + ".";
        wanted(tree.isObject(), path.isEmpty() ? "the configuration" : path, "a mapping of keys to values", tree);
        Map<String, Type> keys = of(record);
        tree.fieldNames().forEachRemaining(name -> {
            if (!keys.containsKey(name)) {
                throw unknown(prefix + name, keys.keySet(), prefix);
            }
        });
        keys.forEach((name, type) -> {
            JsonNode value = tree.get(name);
            if (value == null) {
                throw new IllegalArgumentException(
                        "missing key " + prefix + name + ": a configuration gives every key");
            }
            check(value, type, prefix + name);
        });
    }

    private static void checkScalar(JsonNode value, Class<?> type, String path) {
        if (type == int.class) {
            wanted(isWhole(value) && value.canConvertToInt(), path, "a whole number", value);
        } else if (type == long.class) {
            wanted(isWhole(value) && value.canConvertToLong(), path, "a whole number", value);
        } else if (type == double.class || type == Double.class) {
            wanted(value.isNumber() && Double.isFinite(value.doubleValue()), path, "a number", value);
        } else if (type == boolean.class) {
            wanted(value.isBoolean(), path, "true or false", value);
        } else if (type == String.class) {
            wanted(value.isTextual(), path, "a text", value);
        } else if (type.isEnum()) {
            checkName(value, type, path);
        }
    }

    /** Also {@code 1e3}. */
    private static boolean isWhole(JsonNode value) {
        return value.isIntegralNumber() || (value.isNumber() && value.doubleValue() == Math.rint(value.doubleValue()));
    }

    private static void checkName(JsonNode value, Class<?> type, String path) {
        List<String> names =
                Arrays.stream(type.getEnumConstants()).map(Object::toString).toList();
        String nearest = value.isTextual() ? Nearest.to(value.textValue(), Set.copyOf(names)) : null;
        String hint = nearest == null ? "" : "; did you mean " + nearest + "?";
        if (!value.isTextual() || !names.contains(value.textValue())) {
            throw new IllegalArgumentException(path + " must be " + (names.size() == 1 ? "" : "one of ")
                    + String.join(", ", names) + ", was " + shown(value) + hint);
        }
    }

    private static void wanted(boolean holds, String path, String what, JsonNode value) {
        if (!holds) {
            throw new IllegalArgumentException(path + " must be " + what + ", was " + shown(value));
        }
    }

    /** Texts stay quoted: {@code "12"} is not 12. */
    private static String shown(JsonNode value) {
        return value.isMissingNode() || value.isNull() ? "empty" : value.toString();
    }
}

package org.capi.train.cli;

import com.fasterxml.jackson.annotation.JsonAlias;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.capi.data.Require;
import org.capi.data.arrow.ImageDataset;
import org.capi.eval.features.Transform;
import org.capi.eval.recipe.RecipeEntry;
import org.capi.eval.recipe.RecipeYaml;
import org.capi.train.config.NearestName;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Parameters;

/**
 * The settings of an evaluation that were given as {@code key=value}, to be bound to the record of a recipe's entry.
 */
final class EvalSettings {

    static final String TRANSFORM = "transform";
    static final String THREADS = "threads";

    /** Components of entries that a command takes as options, or not at all. */
    private static final Set<String> NO_KEYS = Set.of("train", "test", "data", "dataset", "baselines");

    private final Map<String, String> given = new LinkedHashMap<>();

    /** The words of a command that takes settings. */
    static final class Words {

        @Parameters(paramLabel = "key=value", arity = "0..*", description = "Settings, listed below.")
        private List<String> texts = new ArrayList<>();

        EvalSettings of(List<String> known) {
            return new EvalSettings(texts, known);
        }
    }

    /**
     * An evaluation that learns from one set of images and is tested on another.
     *
     * @param lists whether a setting that is a list takes several values
     * @param transform the only one that it has, or null
     * @param why it has no other
     */
    record Kind<T extends Record & RecipeEntry.OfSets>(
            Class<T> type,
            List<String> keys,
            boolean lists,
            @Nullable Transform transform,
            String why) {

        T entry(EvalSettings given, Map<String, String> sets) {
            String text = given.given.get(TRANSFORM);
            if (transform != null
                    && text != null
                    && !scalar(TRANSFORM, text, Transform.class, "").asText().equals(transform.toString())) {
                throw new IllegalArgumentException(
                        TRANSFORM + " must be " + transform + " here, for " + why + ", was " + text);
            }
            return given.bind(type, sets, lists);
        }

        /** Refuses settings and images that cannot be evaluated, before anything is computed. */
        void check(List<String> texts, ImageDataset train, ImageDataset test) throws IOException {
            var given = new EvalSettings(texts, keys);
            given.threads();
            entry(given, Map.of("train", "train", "test", "test")).check(train, test); // they are open already
        }
    }

    /** Takes what was given; a key that is not among those known is refused. */
    EvalSettings(List<String> texts, List<String> known) {
        for (String text : texts) {
            int equals = text.indexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException("a setting is key=value, was " + text);
            }
            String key = text.substring(0, equals).strip();
            if (!known.contains(key)) {
                throw new IllegalArgumentException("unknown key " + key + "; " + NearestName.question(key, known)
                        + "known here: " + String.join(", ", known));
            }
            given.put(key, text.substring(equals + 1).strip());
        }
    }

    /** The keys of a record, and more. */
    static List<String> keys(Class<? extends Record> type, String... more) {
        return Stream.concat(Arrays.stream(type.getRecordComponents()).map(EvalSettings::key), Arrays.stream(more))
                .filter(key -> !NO_KEYS.contains(key))
                .toList();
    }

    /**
     * Binds what was given to a record.
     *
     * @param options components that are given as options
     * @param lists whether a component that is a list takes several values with commas between, or one
     */
    <T extends Record> T bind(Class<T> type, Map<String, String> options, boolean lists) {
        ObjectNode tree = JsonNodeFactory.instance.objectNode();
        options.forEach(tree::put);
        for (RecordComponent component : type.getRecordComponents()) {
            String key = key(component);
            String text = given.get(key);
            if (text != null) {
                tree.set(key, node(key, text, component.getGenericType(), lists));
            }
        }
        return RecipeYaml.bind(tree, type, "");
    }

    /** The name in snake case, or that which the command has for it. */
    private static String key(RecordComponent component) {
        JsonAlias alias = component.getAccessor().getAnnotation(JsonAlias.class);
        return alias == null ? SnakeCaseStrategy.INSTANCE.translate(component.getName()) : alias.value()[0];
    }

    private static JsonNode node(String key, String text, Type type, boolean lists) {
        if (!(type instanceof ParameterizedType list)) {
            return scalar(key, text, type, type == Double.class ? "a number" : "a whole number");
        }
        Type item = list.getActualTypeArguments()[0];
        if (!lists) {
            return node(key, text, item, false);
        }
        var items = JsonNodeFactory.instance.arrayNode();
        for (String part : text.isEmpty() ? new String[0] : text.split(",", -1)) {
            items.add(scalar(key, part.strip(), item, "numbers with commas between"));
        }
        return items;
    }

    private static JsonNode scalar(String key, String text, Type type, String rule) {
        try {
            if (type == Integer.class) {
                return IntNode.valueOf(Integer.parseInt(text));
            }
            if (type == Long.class) {
                return LongNode.valueOf(Long.parseLong(text));
            }
            if (type == Double.class) {
                return DoubleNode.valueOf(Double.parseDouble(text));
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(key + " must be " + rule + ", was " + text, e);
        }
        if (type instanceof Class<?> some && some.isEnum()) {
            List<String> names =
                    Arrays.stream(some.getEnumConstants()).map(String::valueOf).toList();
            if (!names.contains(text)) {
                throw new IllegalArgumentException(
                        key + " must be one of " + String.join(", ", names) + ", was " + text);
            }
        }
        return TextNode.valueOf(text);
    }

    int integer(String key, int otherwise) {
        String text = given.get(key);
        int value = text == null
                ? otherwise
                : scalar(key, text, Integer.class, "a whole number").intValue();
        Require.atLeastOne(key, value);
        return value;
    }

    int threads() {
        return integer(THREADS, Runtime.getRuntime().availableProcessors());
    }
}

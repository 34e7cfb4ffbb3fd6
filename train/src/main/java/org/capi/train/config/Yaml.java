package org.capi.train.config;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.cfg.MapperConfig;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import com.fasterxml.jackson.databind.introspect.AnnotatedClass;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.capi.train.config.PretrainConfig.ImageSize;
import org.jspecify.annotations.Nullable;

/**
 * The one way in and out of YAML: strict when reading, complete when writing. Keys and types are checked before Jackson
 * binds them, so that a message has the full key and the nearest right one.
 */
final class Yaml {

    private static final YAMLMapper MAPPER = YAMLMapper.builder(YAMLFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .enable(YAMLParser.Feature.PARSE_BOOLEAN_LIKE_WORDS_AS_STRINGS)
                    .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
                    .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
                    .build())
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .annotationIntrospector(new EnumValueNames())
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .build();

    private static final PropertyNamingStrategies.NamingBase SNAKE_CASE =
            new PropertyNamingStrategies.SnakeCaseStrategy();
    private static final Pattern PLACE = Pattern.compile("(?m)^ in .*, line (\\d+), column (\\d+):?");
    private static final Pattern OCTAL = Pattern.compile("[-+]?0[0-9_]+");

    private Yaml() {}

    /** Parses a text; {@code source} is its origin in messages. */
    static JsonNode parse(String text, String source) {
        String octal;
        JsonNode tree;
        try {
            octal = octal(text);
            tree = MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            String message = e.getOriginalMessage();
            String said = PLACE.matcher(message)
                    .results()
                    .reduce((first, last) -> last)
                    .map(last -> ", line " + last.group(1) + ", column " + last.group(2) + ": " + problem(message))
                    .orElseGet(() -> place(e, text) + ": " + firstLine(message));
            throw new IllegalArgumentException(source + said, e);
        } catch (IOException | RuntimeException e) { // for some malformed texts the parser has no exception of its own
            throw new IllegalArgumentException(source + " is no YAML: " + firstLine(String.valueOf(e.getMessage())), e);
        }
        if (octal != null) {
            throw new IllegalArgumentException(source + octal);
        }
        return tree;
    }

    /** The message for a number such as 010, which YAML 1.1 reads as 8 and YAML 1.2 as 10; null where there is none. */
    private static @Nullable String octal(String text) throws IOException {
        try (JsonParser tokens = MAPPER.createParser(text)) {
            for (JsonToken token = tokens.nextToken(); token != null; token = tokens.nextToken()) {
                if (token == JsonToken.VALUE_NUMBER_INT
                        && OCTAL.matcher(tokens.getText()).matches()) {
                    String place = text.indexOf('\n') < 0
                            ? ""
                            : ", line " + tokens.currentTokenLocation().getLineNr();
                    return place + ": a number must not begin with 0, was " + tokens.getText()
                            + ", which YAML may read as octal";
                }
            }
        }
        return null;
    }

    /** The last line that is neither a place nor an excerpt: the lines before tell what was being read. */
    private static String problem(String message) {
        return message.lines()
                .filter(line -> !line.isBlank() && !Character.isWhitespace(line.charAt(0)))
                .reduce((first, second) -> second)
                .orElse("not readable");
    }

    /** A record of what a tree has; the message of a record that refuses it begins with the path of its section. */
    static <T> T bind(JsonNode tree, Class<T> type) {
        check(tree, type, "");
        try {
            return MAPPER.treeToValue(tree, type);
        } catch (ValueInstantiationException e) {
            String message = e.getCause() instanceof IllegalArgumentException refused
                    ? path(e.getPath()) + refused.getMessage()
                    : firstLine(e.getOriginalMessage());
            throw new IllegalArgumentException(message, e);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(firstLine(e.getOriginalMessage()), e);
        }
    }

    /** A record as the tree of its keys and values. */
    static JsonNode tree(Object value) {
        return MAPPER.valueToTree(value);
    }

    static String write(Object value) {
        try {
            return MAPPER.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("cannot write as YAML: " + value, e);
        }
    }

    private static String place(JsonProcessingException e, String text) {
        JsonLocation location = e.getLocation();
        return location == null || text.indexOf('\n') < 0 ? "" : ", line " + location.getLineNr();
    }

    private static String firstLine(String message) {
        return message.lines().findFirst().orElse("not readable").strip();
    }

    private static String path(List<JsonMappingException.Reference> path) {
        var text = new StringBuilder();
        for (var step : path) {
            text.append(
                    step.getFieldName() == null
                            ? "[" + step.getIndex() + "]"
                            : (text.isEmpty() ? "" : ".") + step.getFieldName());
        }
        return text.isEmpty() ? "" : text.append('.').toString();
    }

    /** The keys of a record, each with its component, in order. */
    static Map<String, RecordComponent> keys(Class<?> record) {
        Map<String, RecordComponent> keys = new LinkedHashMap<>();
        for (RecordComponent component : record.getRecordComponents()) {
            keys.put(SNAKE_CASE.translate(component.getName()), component);
        }
        return keys;
    }

    /** The record behind a section such as {@code optim}, or null if the type is that of a value. */
    static @Nullable Class<?> section(Type type) {
        return type instanceof Class<?> c && c.isRecord() && c != ImageSize.class ? c : null;
    }

    /** Refuses a tree that lacks a key, has one that is not known, or holds a value of another type. */
    private static void check(JsonNode tree, Type type, String path) {
        Class<?> record = section(type);
        if (record != null) {
            checkMapping(tree, record, path);
        } else if (type instanceof ParameterizedType list) {
            require(tree.isArray(), path, "a list", tree);
            for (int i = 0; i < tree.size(); i++) {
                check(tree.get(i), list.getActualTypeArguments()[0], path + "[" + i + "]");
            }
        } else {
            checkScalar(tree, (Class<?>) type, path);
        }
    }

    private static void checkMapping(JsonNode tree, Class<?> record, String path) {
        String prefix = path.isEmpty() ? "" : path + ".";
        require(tree.isObject(), path.isEmpty() ? "the configuration" : path, "a mapping of keys to values", tree);
        Map<String, RecordComponent> keys = keys(record);
        tree.properties().forEach(entry -> {
            if (!keys.containsKey(entry.getKey())) {
                Iterator<String> below = entry.getValue().fieldNames();
                String given = prefix + entry.getKey() + (below.hasNext() ? "." + below.next() : "");
                throw ConfigKeys.unknown(given, prefix, List.copyOf(keys.keySet()));
            }
        });
        keys.forEach((name, component) -> {
            JsonNode value = tree.get(name);
            if (value == null) {
                throw new IllegalArgumentException(
                        "missing key " + prefix + name + ": a configuration gives every key");
            }
            check(value, component.getGenericType(), prefix + name);
        });
    }

    private static void checkScalar(JsonNode value, Class<?> type, String path) {
        if (type == int.class || type == long.class) {
            boolean fits = type == int.class ? value.canConvertToInt() : value.canConvertToLong();
            require(isWhole(value) && fits, path, "a whole number", value);
            ConfigKeys.checkRange(value, true, path);
        } else if (type == double.class || type == Double.class) {
            require(value.isNumber() && Double.isFinite(value.doubleValue()), path, "a number", value);
            ConfigKeys.checkRange(value, false, path);
        } else if (type == boolean.class) {
            require(value.isBoolean(), path, "true or false", value);
        } else if (type == String.class) {
            require(value.isTextual(), path, "a text", value);
        } else if (type == ImageSize.class) {
            boolean two = value.isArray() && value.size() == 2 && isInt(value.get(0)) && isInt(value.get(1));
            require(two || isInt(value), path, "a whole number of pixels, or [height, width]", value);
            for (JsonNode side : two ? value : List.of(value)) {
                ConfigKeys.checkRange(side, true, path);
            }
        } else if (type.isEnum()) {
            checkName(value, type, path);
        }
    }

    /** Whether a text is a value of the type and in the range of a key. */
    static boolean accepts(ConfigKeys.KeyEntry key, String text) {
        try {
            check(parse(text, key.path()), key.component().getGenericType(), key.path());
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static boolean isInt(JsonNode value) {
        return value.isIntegralNumber() && value.canConvertToInt();
    }

    /** Also {@code 1e3}. */
    private static boolean isWhole(JsonNode value) {
        return value.isIntegralNumber() || (value.isNumber() && value.doubleValue() == Math.rint(value.doubleValue()));
    }

    private static void checkName(JsonNode value, Class<?> type, String path) {
        List<String> names = ConfigKeys.names(type);
        String word = value.asText();
        String meant = ConfigKeys.valueMeant(ConfigKeys.key(path), word);
        String nearest = meant != null || !value.isTextual() ? meant : NearestName.to(word, names);
        String hint = nearest == null ? "" : "; did you mean " + nearest + "?";
        if (!value.isTextual() || !names.contains(value.textValue())) {
            throw new IllegalArgumentException(path + " must be " + (names.size() == 1 ? "" : "one of ")
                    + String.join(", ", names) + ", was " + shown(value) + hint);
        }
    }

    private static void require(boolean holds, String path, String what, JsonNode value) {
        if (!holds) {
            throw new IllegalArgumentException(path + " must be " + what + ", was " + shown(value));
        }
    }

    /** Texts stay quoted: {@code "12"} is not 12. */
    private static String shown(JsonNode value) {
        return value.isMissingNode() || value.isNull() ? "empty" : value.toString();
    }

    /** The values of every enum in lower case, also of those that know nothing of YAML. */
    private static final class EnumValueNames extends JacksonAnnotationIntrospector {

        private static final long serialVersionUID = 1;

        @Override
        public String[] findEnumValues(MapperConfig<?> config, AnnotatedClass type, Enum<?>[] values, String[] names) {
            return Arrays.stream(values).map(PretrainConfig::name).toArray(String[]::new);
        }
    }
}

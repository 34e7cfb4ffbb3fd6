package org.capi.eval.recipe;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.InputCoercionException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads recipes in YAML; a fault is named in one line with its place, the key, the value and the rule. */
public final class RecipeYaml {

    private static final int MAX_BYTES = 1 << 20;
    private static final int MAX_SHOWN = 60;

    /** What snakeyaml found wrong, and where; before it there may be what it was parsing. */
    private static final Pattern PROBLEM =
            Pattern.compile("^(\\S[^\\n]*)\\n in [^\\n]*, line (\\d+), column (\\d+)", Pattern.MULTILINE);

    private static final YAMLMapper MAPPER = YAMLMapper.builder(YAMLFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .enable(YAMLParser.Feature.PARSE_BOOLEAN_LIKE_WORDS_AS_STRINGS)
                    .build())
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(DeserializationFeature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.READ_ENUMS_USING_TO_STRING)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .build();

    private RecipeYaml() {}

    /** The text of a recipe. */
    public static String read(Path file) throws IOException {
        if (Files.size(file) > MAX_BYTES) {
            throw new IllegalArgumentException("the recipe " + file + " is no recipe: it has " + Files.size(file)
                    + " bytes, a recipe has at most " + MAX_BYTES);
        }
        try {
            return Files.readString(file);
        } catch (MalformedInputException e) {
            throw new IllegalArgumentException("the recipe " + file + " is no recipe: not UTF-8 text", e);
        }
    }

    /** Parses a text of keys and values; {@code source} says in a message where it came from. */
    public static ObjectNode parse(String text, String source) {
        checkNumbers(text, source);
        JsonNode tree;
        try {
            tree = MAPPER.readTree(text);
        } catch (MismatchedInputException e) {
            throw new IllegalArgumentException(source + ": a recipe is one YAML document, there are several", e);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(source + syntax(e), e);
        }
        if (!(tree instanceof ObjectNode mapping)) {
            throw new IllegalArgumentException(source + " is no recipe: it has no keys");
        }
        return mapping;
    }

    /** Binds a tree to a type; {@code place} begins the message. */
    public static <T> T bind(JsonNode tree, Class<T> type, String place) {
        return bind(tree, type, place, (key, known) -> "known here: " + String.join(", ", known));
    }

    /**
     * Binds a tree to a type; {@code place} begins the message.
     *
     * @param hint what is said of an unknown key, given the key and those that are known
     */
    public static <T> T bind(
            JsonNode tree, Class<T> type, String place, BiFunction<String, List<String>, String> hint) {
        checkValues(tree, "", place);
        try {
            return MAPPER.treeToValue(tree, type);
        } catch (JsonMappingException e) {
            throw new IllegalArgumentException(place + ": " + why(e, tree, hint), e);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(place + ": " + firstLine(e.getOriginalMessage()), e);
        }
    }

    /** YAML 1.1 reads a number that begins with 0 as octal. */
    private static void checkNumbers(String text, String source) {
        try (JsonParser parser = MAPPER.createParser(text)) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token == JsonToken.VALUE_NUMBER_INT && parser.getText().matches("[-+]?0[0-9_]+")) {
                    throw new IllegalArgumentException(
                            source + ", line " + parser.currentTokenLocation().getLineNr() + ": a number must not begin"
                                    + " with 0, was " + parser.getText());
                }
            }
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(source + syntax(e), e);
        } catch (IOException e) {
            throw new IllegalStateException("a text cannot be read", e);
        }
    }

    /** The place and the problem, not what was being parsed. */
    private static String syntax(JsonProcessingException e) {
        String message = String.valueOf(e.getOriginalMessage());
        Matcher problems = PROBLEM.matcher(message);
        String found = null;
        while (problems.find()) {
            found = ", line " + problems.group(2) + ", column " + problems.group(3) + ": " + problems.group(1);
        }
        if (found != null) {
            return shown(found, 4 * MAX_SHOWN);
        }
        Matcher twice = Pattern.compile("Duplicate field '(.*)'").matcher(firstLine(message));
        String place =
                e.getLocation() == null ? "" : ", line " + e.getLocation().getLineNr();
        return twice.find()
                ? place + ": the key " + shown(twice.group(1), MAX_SHOWN) + " is given twice"
                : place + ": " + shown(firstLine(message), 4 * MAX_SHOWN);
    }

    private static void checkValues(JsonNode node, String path, String place) {
        if (node.isNull()) {
            throw new IllegalArgumentException(
                    place + ": " + (path.isEmpty() ? "it has no keys" : "the key " + path + " has no value"));
        }
        for (int i = 0; node.isArray() && i < node.size(); i++) {
            checkValues(node.get(i), path, place);
        }
        node.properties()
                .forEach(key -> checkValues(
                        key.getValue(), (path.isEmpty() ? "" : path + ".") + shown(key.getKey(), MAX_SHOWN), place));
    }

    private static String why(JsonMappingException e, JsonNode tree, BiFunction<String, List<String>, String> hint) {
        String key = key(e.getPath());
        if (e instanceof UnrecognizedPropertyException unknown) {
            List<String> known = unknown.getKnownPropertyIds().stream()
                    .map(String::valueOf)
                    .sorted()
                    .toList();
            return "unknown key " + shown(key, MAX_SHOWN) + "; " + hint.apply(unknown.getPropertyName(), known);
        }
        if (e.getCause() instanceof IllegalArgumentException refused) {
            return String.valueOf(refused.getMessage());
        }
        JsonNode found = at(tree, e.getPath());
        boolean isEmpty = found.isTextual() && found.asText().isEmpty();
        if (isEmpty || e.getCause() instanceof NullPointerException) {
            return "the key " + (key.isEmpty() ? empty(tree) : key) + " has no value";
        }
        Class<?> type = e instanceof MismatchedInputException mismatched
                ? mismatched.getTargetType()
                : e.getCause() instanceof InputCoercionException coercion ? coercion.getTargetType() : null;
        String value = shown(found.toString(), MAX_SHOWN);
        return key.isEmpty()
                ? "there must be keys with values, was " + value
                : key + " must be " + rule(type) + ", was " + value;
    }

    /** The first key without a value, which is read as an empty text. */
    private static String empty(JsonNode tree) {
        for (Map.Entry<String, JsonNode> key : tree.properties()) {
            if (key.getValue().isTextual() && key.getValue().asText().isEmpty()) {
                return shown(key.getKey(), MAX_SHOWN);
            }
        }
        return "of an item";
    }

    private static String rule(@Nullable Class<?> type) {
        if (type == null) {
            return "another value";
        }
        if (type.isEnum()) {
            return "one of "
                    + Arrays.stream(type.getEnumConstants())
                            .map(String::valueOf)
                            .collect(Collectors.joining(", "));
        }
        if (type == int.class || type == Integer.class) {
            return "a whole number below 2147483648";
        }
        if (type == long.class || type == Long.class) {
            return "a whole number";
        }
        if (type == double.class || type == Double.class) {
            return "a number";
        }
        if (type == String.class) {
            return "a text";
        }
        if (Collection.class.isAssignableFrom(type)) {
            return "a list";
        }
        return Map.class.isAssignableFrom(type) || type.isRecord() ? "keys with values" : "another value";
    }

    /** {@code base.overrides}; numbers of items are left out, for a single value stands for a list of one. */
    private static String key(List<JsonMappingException.Reference> path) {
        return path.stream()
                .map(JsonMappingException.Reference::getFieldName)
                .filter(name -> name != null)
                .collect(Collectors.joining("."));
    }

    private static JsonNode at(JsonNode tree, List<JsonMappingException.Reference> path) {
        JsonNode node = tree;
        for (JsonMappingException.Reference step : path) {
            JsonNode next = step.getFieldName() == null ? node.path(step.getIndex()) : node.path(step.getFieldName());
            if (next.isMissingNode()) {
                return node;
            }
            node = next;
        }
        return node;
    }

    /** Shortened, and without characters that a terminal obeys. */
    static String shown(String text, int length) {
        String cut = text.length() <= length ? text : text.substring(0, length) + "...";
        return cut.codePoints()
                .mapToObj(c ->
                        Character.isISOControl(c) ? String.format(Locale.ROOT, "\\u%04x", c) : Character.toString(c))
                .collect(Collectors.joining());
    }

    private static String firstLine(String text) {
        return text.lines().findFirst().orElse("not readable").strip();
    }
}

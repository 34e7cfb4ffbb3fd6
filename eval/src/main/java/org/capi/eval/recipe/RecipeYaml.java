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
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads YAML and binds keys and values to records; a fault is named in one line with its position, the key, the value
 * and the rule.
 */
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
            .enable(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.READ_ENUMS_USING_TO_STRING)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .build();

    private RecipeYaml() {}

    public static String read(Path file) throws IOException {
        if (Files.size(file) > MAX_BYTES) {
            throw new IllegalArgumentException("the recipe " + file + " is not a recipe: it has " + Files.size(file)
                    + " bytes, a recipe has at most " + MAX_BYTES);
        }
        try {
            return Files.readString(file);
        } catch (MalformedInputException e) {
            throw new IllegalArgumentException("the recipe " + file + " is not a recipe: not UTF-8 text", e);
        }
    }

    /** Parses a text of keys and values; {@code source} is its origin in a message. */
    public static ObjectNode parse(String text, String source) {
        JsonNode tree;
        try {
            checkNumbers(text, source);
            tree = MAPPER.readTree(text);
        } catch (MismatchedInputException e) {
            throw new IllegalArgumentException(source + ": a recipe is one YAML document, there are several", e);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(source + syntax(e), e);
        } catch (IOException e) {
            throw new IllegalStateException("a text cannot be read", e);
        }
        if (!(tree instanceof ObjectNode mapping)) {
            throw new IllegalArgumentException(source + " is not a recipe: it has no keys");
        }
        return mapping;
    }

    /** YAML 1.1 reads a number that begins with 0 as octal. */
    private static void checkNumbers(String text, String source) throws IOException {
        try (JsonParser parser = MAPPER.createParser(text)) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token == JsonToken.VALUE_NUMBER_INT && parser.getText().matches("[-+]?0[0-9_]+")) {
                    throw new IllegalArgumentException(
                            source + ", line " + parser.currentTokenLocation().getLineNr() + ": a number must not begin"
                                    + " with 0, was " + parser.getText());
                }
            }
        }
    }

    /** The position and the problem, not what was being parsed. */
    private static String syntax(JsonProcessingException e) {
        String message = String.valueOf(e.getOriginalMessage());
        List<MatchResult> problems = PROBLEM.matcher(message).results().toList();
        if (!problems.isEmpty()) {
            MatchResult last = problems.get(problems.size() - 1);
            return shown(", line " + last.group(2) + ", column " + last.group(3) + ": " + last.group(1), 4 * MAX_SHOWN);
        }
        String line = firstLine(message);
        Matcher twice = Pattern.compile("Duplicate field '(.*)'").matcher(line);
        return (e.getLocation() == null ? "" : ", line " + e.getLocation().getLineNr())
                + (twice.find()
                        ? ": the key " + shown(twice.group(1)) + " is given twice"
                        : ": " + shown(line, 4 * MAX_SHOWN));
    }

    /** Binds a tree to a type; {@code at} starts the message, its position. */
    public static <T> T bind(JsonNode tree, Class<T> type, String at) {
        return bind(tree, type, at, (key, known) -> "known here: " + String.join(", ", known));
    }

    /**
     * Binds a tree to a type; {@code at} starts the message, its position.
     *
     * @param hint the message's text for an unknown key, given the key and those that are known
     */
    public static <T> T bind(JsonNode tree, Class<T> type, String at, BiFunction<String, List<String>, String> hint) {
        String prefix = at.isEmpty() ? "" : at + ": ";
        checkValues(tree, "", prefix);
        try {
            return MAPPER.treeToValue(tree, type);
        } catch (JsonMappingException e) {
            throw new IllegalArgumentException(prefix + why(e, tree, hint), e);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(prefix + firstLine(e.getOriginalMessage()), e);
        }
    }

    private static void checkValues(JsonNode node, String path, String prefix) {
        if (node.isNull()) {
            throw new IllegalArgumentException(
                    prefix + (path.isEmpty() ? "it has no keys" : "the key " + path + " has no value"));
        }
        for (int i = 0; node.isArray() && i < node.size(); i++) {
            checkValues(node.get(i), path, prefix);
        }
        node.properties()
                .forEach(key ->
                        checkValues(key.getValue(), (path.isEmpty() ? "" : path + ".") + shown(key.getKey()), prefix));
    }

    private static String why(JsonMappingException e, JsonNode tree, BiFunction<String, List<String>, String> hint) {
        // Indices of items are left out, for a single value stands for a list of one.
        String key = e.getPath().stream()
                .map(JsonMappingException.Reference::getFieldName)
                .filter(Objects::nonNull)
                .collect(Collectors.joining("."));
        if (e instanceof UnrecognizedPropertyException unknown) {
            List<String> known = unknown.getKnownPropertyIds().stream()
                    .map(String::valueOf)
                    .sorted()
                    .toList();
            return "unknown key " + shown(key) + "; " + hint.apply(unknown.getPropertyName(), known);
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
        String value = shown(found.toString());
        return key.isEmpty()
                ? "there must be keys with values, was " + value
                : key + " must be " + rule(type) + ", was " + value;
    }

    /** The first key without a value, which is read as an empty text. */
    private static String empty(JsonNode tree) {
        return tree.properties().stream()
                .filter(key ->
                        key.getValue().isTextual() && key.getValue().asText().isEmpty())
                .findFirst()
                .map(key -> shown(key.getKey()))
                .orElse("of an item");
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
        if (Collection.class.isAssignableFrom(type)) {
            return "a list";
        }
        return switch (type.getSimpleName()) {
            case "int", "Integer" -> "a whole number below 2147483648";
            case "long", "Long" -> "a whole number";
            case "double", "Double" -> "a number";
            case "String" -> "a text";
            default -> Map.class.isAssignableFrom(type) || type.isRecord() ? "keys with values" : "another value";
        };
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

    static String shown(String text) {
        return shown(text, MAX_SHOWN);
    }

    /** Shortened, and without characters that a terminal obeys. */
    private static String shown(String text, int length) {
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

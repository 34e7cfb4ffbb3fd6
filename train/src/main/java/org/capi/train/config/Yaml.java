package org.capi.train.config;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The one way in and out of YAML: strict when reading, complete when writing. */
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
            .enable(DeserializationFeature.READ_ENUMS_USING_TO_STRING)
            .enable(SerializationFeature.WRITE_ENUMS_USING_TO_STRING)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .build();

    private static final Pattern PLACE = Pattern.compile("(?m)^ in .*, line (\\d+), column (\\d+):?");
    private static final Pattern OCTAL = Pattern.compile("[-+]?0[0-9_]+");

    private Yaml() {}

    /** Parses a text; {@code source} says in a message where it came from. */
    static JsonNode parse(String text, String source) {
        String octal;
        JsonNode tree;
        try {
            octal = octal(text);
            tree = MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            String message = e.getOriginalMessage();
            Matcher place = PLACE.matcher(message);
            Matcher last = null;
            while (place.find()) {
                last = PLACE.matcher(message);
                last.find(place.start());
            }
            throw new IllegalArgumentException(
                    last == null
                            ? source + place(e, text) + ": " + firstLine(message)
                            : source + ", line " + last.group(1) + ", column " + last.group(2) + ": "
                                    + problem(message),
                    e);
        } catch (IOException
                | RuntimeException e) { // a few kinds of nonsense are no case of the parser's own exception
            throw new IllegalArgumentException(source + " is no YAML: " + firstLine(String.valueOf(e.getMessage())), e);
        }
        if (octal != null) {
            throw new IllegalArgumentException(source + octal);
        }
        return tree;
    }

    /** What is said of a number such as 010, which YAML 1.1 reads as 8 and YAML 1.2 as 10; null where there is none. */
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

    /** The last line that is neither a place nor an excerpt: the lines before say what was being read. */
    private static String problem(String message) {
        return message.lines()
                .filter(line -> !line.isBlank() && !Character.isWhitespace(line.charAt(0)))
                .reduce((first, second) -> second)
                .orElse("not readable");
    }

    static <T> T bind(JsonNode tree, Class<T> type) {
        try {
            return MAPPER.treeToValue(tree, type);
        } catch (ValueInstantiationException e) {
            throw e.getCause() instanceof IllegalArgumentException refused
                    ? refused
                    : new IllegalArgumentException(firstLine(e.getOriginalMessage()), e);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(firstLine(e.getOriginalMessage()), e);
        }
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
}

package org.capi.data.files;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Records as indented JSON files with snake_case keys, of which none may be missing. */
public final class StrictJson {

    public static final JsonMapper MAPPER = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .enable(SerializationFeature.WRITE_ENUMS_USING_TO_STRING)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build();

    private static final int MAX_LENGTH = 200;

    private StrictJson() {}

    /** Writes a file, whose folder is made if need be. */
    public static void write(Path file, Object value) throws IOException {
        Files.createDirectories(file.toAbsolutePath().resolveSibling(""));
        DurableFile.write(file, MAPPER.writeValueAsString(value) + "\n");
    }

    /** What is wrong with a file, in one line: a record's refusal of its values, else the parser's message. */
    public static String fault(JsonProcessingException failure) {
        Throwable cause = failure.getCause();
        String words = String.valueOf(failure.getOriginalMessage());
        if (failure instanceof ValueInstantiationException && cause != null) {
            words = cause instanceof NullPointerException ? "a value is null" : String.valueOf(cause.getMessage());
        }
        words = words.replaceAll("[\\p{Cntrl}\\u2028\\u2029]+", " ");
        return words.length() <= MAX_LENGTH ? words : words.substring(0, MAX_LENGTH) + "...";
    }
}

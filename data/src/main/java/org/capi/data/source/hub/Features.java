package org.capi.data.source.hub;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the {@code datasets} library notes about a table's columns.
 *
 * @param images the columns of type Image
 * @param classes the columns of type ClassLabel, each with its class names, which may be missing
 */
record Features(List<String> images, Map<String, List<String>> classes) {

    /** The key of a file's metadata that holds the notes. */
    static final String METADATA = "huggingface";

    /** Nothing is noted. */
    static final Features NONE = new Features(List.of(), Map.of());

    private static final JsonMapper JSON = new JsonMapper();

    /** Reads a file's metadata, which may be missing. */
    static Features ofMetadata(@Nullable String json) throws JsonProcessingException {
        return json == null ? NONE : of(JSON.readTree(json).path("info"));
    }

    /** Reads an object that has {@code features}, as in dataset_info.json. */
    static Features of(JsonNode info) {
        List<String> images = new ArrayList<>();
        Map<String, List<String>> classes = new LinkedHashMap<>();
        info.path("features").properties().forEach(feature -> {
            String type = feature.getValue().path("_type").asText();
            if (type.equals("Image")) {
                images.add(feature.getKey());
            } else if (type.equals("ClassLabel")) {
                List<String> names = new ArrayList<>();
                feature.getValue().path("names").forEach(name -> names.add(name.asText()));
                classes.put(feature.getKey(), List.copyOf(names));
            }
        });
        return new Features(List.copyOf(images), classes);
    }

    boolean isEmpty() {
        return images.isEmpty() && classes.isEmpty();
    }
}

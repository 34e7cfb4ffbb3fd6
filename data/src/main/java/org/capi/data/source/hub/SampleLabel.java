package org.capi.data.source.hub;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.capi.data.source.Label;

/** Labels as the parts of a WebDataset sample give them; -1 means that there is none. */
final class SampleLabel {

    /** The keys under which a sample's JSON may give its class: names before numbers. */
    static final List<String> KEYS = List.of("class_name", "label_name", "label", "cls", "class");

    private static final JsonMapper JSON = new JsonMapper();

    private SampleLabel() {}

    /** The class in a {@code .cls} file: a number, or else a name. */
    static Label ofText(byte[] file) throws IOException {
        String text = new String(file, StandardCharsets.UTF_8).strip();
        if (text.isEmpty()) {
            throw new IOException("bad label: the .cls file is empty");
        }
        return text.matches("[+-]?\\d+") ? numbered(text) : new Label.Named(text);
    }

    /** The class in a {@code .json} file; without any of the {@link #KEYS} there is none. */
    static Label ofJson(byte[] file) throws IOException {
        JsonNode root;
        try {
            root = JSON.readTree(file);
        } catch (JsonProcessingException e) {
            throw new IOException("bad label: the .json file cannot be read: " + e.getOriginalMessage(), e);
        }
        if (!root.isObject()) {
            throw new IOException("bad label: the .json file holds no object");
        }
        for (String key : KEYS) {
            JsonNode value = root.path(key);
            if (value.isIntegralNumber() || value.isTextual()) {
                return ofText(value.asText().getBytes(StandardCharsets.UTF_8));
            }
            if (!value.isMissingNode() && !value.isNull()) {
                throw new IOException("bad label: " + key + " in the .json file is neither text nor a whole number;"
                        + " --no-labels imports the images without labels");
            }
        }
        return Label.NONE;
    }

    private static Label numbered(String text) throws IOException {
        try {
            return of(Long.parseLong(text));
        } catch (NumberFormatException e) {
            throw new IOException("bad label: " + text + " is no class number", e);
        }
    }

    /** A class number, -1 for no label. */
    static Label of(long number) throws IOException {
        if (number == -1) {
            return Label.NONE;
        }
        if (number < 0 || number > Integer.MAX_VALUE) {
            throw new IOException("bad label: " + number + " is no class number");
        }
        return new Label.Numbered((int) number);
    }
}

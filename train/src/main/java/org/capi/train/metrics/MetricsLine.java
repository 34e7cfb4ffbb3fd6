package org.capi.train.metrics;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A line of {@code metrics.jsonl}. */
public record MetricsLine(ObjectNode tree) {

    private static final ObjectMapper JSON = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .build();

    /**
     * What a step measured.
     *
     * @param alarms the measures that look unhealthy
     */
    public static MetricsLine of(StepMetrics metrics, List<String> alarms, StepTimes times) {
        ObjectNode tree = JSON.valueToTree(metrics);
        if (!alarms.isEmpty()) {
            tree.set("alarms", JSON.valueToTree(alarms));
        }
        tree.set("time", JSON.valueToTree(times));
        return new MetricsLine(tree);
    }

    /** Reads it back. */
    public static MetricsLine parse(String line) throws IOException {
        if (JSON.readTree(line) instanceof ObjectNode tree) {
            return new MetricsLine(tree);
        }
        throw new IOException("no line of metrics: " + line);
    }

    public long step() {
        return tree.path("step").asLong();
    }

    /** The names of the measures that look unhealthy. */
    public List<String> alarms() {
        return tree.path("alarms").valueStream().map(JsonNode::asText).toList();
    }

    /** Every measure by its name, those of the clock as {@code time/...}. */
    public Map<String, Double> numbers() {
        Map<String, Double> numbers = new LinkedHashMap<>();
        numbers(tree, "", numbers);
        numbers.remove("step");
        numbers.remove("time/unix_millis");
        return numbers;
    }

    String text() throws JsonProcessingException {
        return JSON.writeValueAsString(tree);
    }

    private static void numbers(JsonNode from, String prefix, Map<String, Double> to) {
        from.properties().forEach(entry -> {
            if (entry.getValue().isNumber()) {
                to.put(prefix + entry.getKey(), entry.getValue().doubleValue());
            } else if (entry.getValue().isObject()) {
                numbers(entry.getValue(), prefix + entry.getKey() + "/", to);
            }
        });
    }
}

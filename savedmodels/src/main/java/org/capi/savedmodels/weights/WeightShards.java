package org.capi.savedmodels.weights;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The files that weights are spread over, as the library transformers writes them, all in one folder. */
final class WeightShards {

    private static final String INDEX = ".index.json";
    private static final Pattern SHARD = Pattern.compile("(.+-)(\\d{5})-of-(\\d{5})(\\.[a-z]+)");
    private static final Pattern FILE_NAME = Pattern.compile("[^/\\\\\\x00-\\x1f:]{1,255}");
    private static final long MAX_INDEX_BYTES = 1 << 24;
    private static final int MAX_SHARDS = 1000;

    private WeightShards() {}

    /** All shards of the set that an index or a shard belongs to; empty for a file that is neither. */
    static List<Path> of(Path file) throws IOException {
        String name = String.valueOf(file.getFileName());
        List<String> names = new ArrayList<>();
        Matcher shard = SHARD.matcher(name);
        if (name.endsWith(INDEX)) {
            names.addAll(namesIn(file));
        } else if (shard.matches()) {
            int count = Integer.parseInt(shard.group(3));
            for (int i = 1; i <= Math.min(count, MAX_SHARDS + 1); i++) {
                String number = Integer.toString(100_000 + i).substring(1);
                names.add(shard.group(1) + number + "-of-" + shard.group(3) + shard.group(4));
            }
        }
        if (names.size() > MAX_SHARDS) {
            throw new IllegalArgumentException("it is one of more than " + MAX_SHARDS + " shards");
        }
        List<Path> shards = names.stream().map(file::resolveSibling).toList();
        for (Path path : shards) {
            if (!Files.isRegularFile(path)) {
                throw new IllegalArgumentException(
                        "its shard " + path.getFileName() + " is not in the same folder; every shard is needed");
            }
        }
        return shards;
    }

    /** The file names in an index, each once; names that lead out of its folder are refused. */
    private static Set<String> namesIn(Path index) throws IOException {
        if (Files.size(index) > MAX_INDEX_BYTES) {
            throw new IllegalArgumentException("its index has more than " + MAX_INDEX_BYTES + " bytes");
        }
        JsonNode map;
        try {
            map = new JsonMapper().readTree(Files.readAllBytes(index)).path("weight_map");
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("its index is no JSON: " + Quoted.text(e.getOriginalMessage()), e);
        }
        if (!map.isObject() || map.isEmpty()) {
            throw new IllegalArgumentException("its index has no weight_map, which names the shard of each tensor");
        }
        Set<String> names = new TreeSet<>();
        for (JsonNode name : map) {
            String text = name.asText();
            if (!name.isTextual() || !FILE_NAME.matcher(text).matches() || text.equals("..") || text.equals(".")) {
                throw new IllegalArgumentException(
                        "its index names the shard " + Quoted.name(name.toString()) + ", which is no file's name");
            }
            if (text.endsWith(INDEX)) {
                throw new IllegalArgumentException("its index names another index, " + Quoted.name(text));
            }
            names.add(text);
        }
        return names;
    }
}

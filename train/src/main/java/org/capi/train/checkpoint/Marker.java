package org.capi.train.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.capi.data.files.FileChecksum;
import org.capi.data.files.FileNames;

/**
 * The last file of a checkpoint to be written: says that it is complete, in which form it is, and what every other file
 * must be like.
 *
 * @param format grows when older programs can no longer read what is written
 */
record Marker(int format, long step, Map<String, Sum> files) {

    static final String NAME = "complete";

    private static final int FORMAT = 1;
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** A file's size, and its CRC-32C in hexadecimal digits. */
    record Sum(long bytes, String crc32c) {

        static Sum of(Path file) throws IOException {
            return new Sum(Files.size(file), Long.toHexString(FileChecksum.crc32c(file)));
        }
    }

    /** Describes and marks what a folder holds. */
    static void write(long step, Path folder) throws IOException {
        Map<String, Sum> files = new TreeMap<>();
        try (Stream<Path> entries = Files.list(folder)) {
            for (Path file : entries.toList()) {
                files.put(String.valueOf(file.getFileName()), Sum.of(file));
            }
        }
        Files.writeString(folder.resolve(NAME), JSON.writeValueAsString(new Marker(FORMAT, step, files)) + "\n");
    }

    /** What is wrong with the files of a folder; a checkpoint of a newer form is refused. */
    static Optional<String> damage(Path folder) throws IOException {
        JsonNode read;
        try {
            read = JSON.readTree(Files.readString(folder.resolve(NAME)));
        } catch (IOException e) {
            return Optional.of("its file " + NAME + " is not readable");
        }
        if (read.isIntegralNumber()) {
            return Optional.empty(); // written before there were sums
        }
        if (!read.isObject()) {
            return Optional.of("its file " + NAME + (read.isMissingNode() ? " is empty" : " is not as it was written"));
        }
        int format = read.path("format").asInt();
        if (format > FORMAT) {
            throw new IllegalArgumentException(
                    "the checkpoint " + folder + " was written by a newer version: its format" + " is " + format
                            + ", this program reads up to " + FORMAT);
        }
        Marker marker;
        try {
            marker = JSON.treeToValue(read, Marker.class);
            if (marker.files == null || marker.files.isEmpty() || marker.files.containsValue(null)) {
                return Optional.of("its file " + NAME + " lacks the sums of the other files");
            }
            marker.files.keySet().forEach(FileNames::plain);
        } catch (IOException | IllegalArgumentException e) {
            return Optional.of("its file " + NAME + " is not as it was written");
        }
        for (var expected : marker.files().entrySet()) {
            Path file = folder.resolve(expected.getKey());
            if (!Files.isRegularFile(file)) {
                return Optional.of("it lacks " + expected.getKey());
            }
            if (Files.size(file) != expected.getValue().bytes()) {
                return Optional.of(expected.getKey() + " has " + Files.size(file) + " bytes, not "
                        + expected.getValue().bytes());
            }
            if (!Sum.of(file).equals(expected.getValue())) {
                return Optional.of(expected.getKey() + " has other bytes than were written");
            }
        }
        return Optional.empty();
    }
}

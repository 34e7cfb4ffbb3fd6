package org.capi.train.checkpoint;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.capi.data.batch.StreamState;
import org.capi.train.config.ConfigFile;

/**
 * One complete checkpoint of a run.
 *
 * @param folder its folder, {@code step-0001000}
 * @param step how many updates its weights have seen, which is the number of the step that comes next
 */
public record Checkpoint(Path folder, long step) {

    static final String PREFIX = "model";
    /** A copy of the configuration that it was computed with. */
    public static final String CONFIG = "config.yaml";

    private static final String STREAM = "stream.json";

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build();

    /** What TensorFlow calls the path of a checkpoint: its files' path without their extensions. */
    public Path prefix() {
        return folder.resolve(PREFIX);
    }

    /** What is wrong with its files. */
    public Optional<String> damage() throws IOException {
        return Marker.damage(folder);
    }

    /** Where the stream of samples stood when the checkpoint was written. */
    public StreamState stream() throws IOException {
        Path file = folder.resolve(STREAM);
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException(
                    "the checkpoint " + folder + " does not say where its samples go on: it" + " holds no " + STREAM);
        }
        try {
            return JSON.readValue(Files.readString(file), StreamState.class);
        } catch (IOException e) {
            throw new IllegalArgumentException("damaged " + file + ": " + e.getMessage(), e);
        }
    }

    /** Refuses to go on with another seed or other images than the checkpoint's. */
    public void check(long seed, long images) throws IOException {
        try {
            stream().check(seed, images);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("the checkpoint " + folder + " cannot go on: " + e.getMessage(), e);
        }
    }

    /** Refuses to go on with a configuration that would compute something else. */
    public void checkConfig(ConfigFile now) throws IOException {
        Path file = folder.resolve(CONFIG);
        if (!Files.isRegularFile(file)) {
            return; // written before checkpoints kept theirs
        }
        List<String> differences = ConfigFile.ofRun(file).differences(now);
        if (!differences.isEmpty()) {
            throw new IllegalArgumentException(
                    "the checkpoint " + folder + " is of another configuration: " + String.join("; ", differences));
        }
    }

    static void write(StreamState stream, Path folder) throws IOException {
        Files.writeString(folder.resolve(STREAM), JSON.writeValueAsString(stream) + "\n");
    }
}

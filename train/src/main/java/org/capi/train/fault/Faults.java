package org.capi.train.fault;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.capi.data.batch.Batch;
import org.capi.data.files.FolderTree;
import org.capi.graph.pretrain.StepConfig.BatchShape;
import org.tensorflow.ndarray.Shape;

/**
 * The steps in a row that a training could not make: the batch of each, as numpy arrays with the names of its images,
 * and one copy of the state, which such steps leave as it was. To repeat one of them takes no other step.
 *
 * @param folder of the run's faults
 */
public record Faults(Path folder) {

    private static final String IMAGES = "images.npy";
    private static final String VISIBLE = "visible.npy";
    private static final String PREDICTED = "predicted.npy";
    private static final String ROWS = "rows.json";
    private static final String STATE = "state";
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    /**
     * A row of a batch.
     *
     * @param row of the run's images, all datasets one after the other
     * @param name of the image
     */
    public record Row(long row, String name) {}

    /** Keeps the batch of a step that was skipped. */
    public void keep(long step, Batch batch) throws IOException {
        Path place = Files.createDirectories(place(step));
        Npy.write(batch.images(), place.resolve(IMAGES));
        Npy.write(batch.visible(), place.resolve(VISIBLE));
        Npy.write(batch.predicted(), place.resolve(PREDICTED));
    }

    /** Says which images a kept batch was made of. */
    public void name(long step, List<Row> rows) throws IOException {
        Files.writeString(place(step).resolve(ROWS), JSON.writeValueAsString(Map.of("step", step, "rows", rows)));
    }

    /** Keeps the state that the kept steps began from. */
    public void keepState(Consumer<Path> save) throws IOException {
        save.accept(Files.createDirectories(folder.resolve(STATE)).resolve("model"));
    }

    /** Throws all away, when a later step could be made. */
    public void forget() throws IOException {
        FolderTree.delete(folder);
    }

    /** The state to begin from, as TensorFlow calls the path of a checkpoint. */
    public Path state() {
        return folder.resolve(STATE).resolve("model");
    }

    /** The batch of a kept step, which is the caller's to close. */
    public Batch batch(long step, BatchShape shape) throws IOException {
        Path place = place(step);
        if (!Files.isRegularFile(place.resolve(PREDICTED))
                || !Files.isRegularFile(folder.resolve(STATE).resolve("model.index"))) {
            throw new IllegalArgumentException(
                    "no batch of step " + step + " was captured under " + folder + "; there are: " + steps());
        }
        var images = Shape.of(shape.images(), shape.height(), shape.width(), 3);
        return new Batch(
                Npy.bytes(place.resolve(IMAGES), images),
                Npy.longs(place.resolve(VISIBLE), (long) shape.images() * shape.visible()),
                Npy.longs(place.resolve(PREDICTED), (long) shape.images() * shape.predicted()),
                step - 1);
    }

    private List<String> steps() throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.map(entry -> String.valueOf(entry.getFileName()))
                    .filter(name -> name.startsWith("step-"))
                    .sorted()
                    .toList();
        }
    }

    private Path place(long step) {
        return folder.resolve("step-" + step);
    }
}

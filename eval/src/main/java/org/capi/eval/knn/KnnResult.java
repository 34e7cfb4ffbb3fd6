package org.capi.eval.knn;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.capi.data.files.DurableFile;

/**
 * How often the nearest neighbours of an image name its class.
 *
 * @param top1 the fraction of test images whose class was named
 * @param k the neighbours that vote
 * @param representation what stood for an image: {@code avg_patch}, {@code global}, {@code both} or {@code pixels}
 * @param classes how many there are to choose from
 * @param train images among which neighbours were sought
 * @param test images that were judged
 */
public record KnnResult(double top1, int k, String representation, int classes, int train, int test) {

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    /** Writes {@code knn-REPRESENTATION.json} into a folder, which is made if need be, and returns the file. */
    public Path write(Path folder) throws IOException {
        Path file = Files.createDirectories(folder).resolve("knn-" + representation + ".json");
        DurableFile.write(file, JSON.writeValueAsString(this) + "\n");
        return file;
    }
}

package org.capi.eval.probe;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.capi.data.files.DurableFile;

/**
 * The results of the probes of a grid.
 *
 * @param classes how many there are to choose from
 * @param train images that the probes were trained on
 * @param validation images by which one of each grid was chosen
 * @param probes the chosen one of each representation
 * @param grid every one
 */
public record ProbeResult(int classes, int train, int validation, int steps, List<Chosen> probes, List<Tried> grid) {

    private static final JsonMapper JSON = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build();

    public ProbeResult {
        probes = List.copyOf(probes);
        grid = List.copyOf(grid);
    }

    /**
     * The best probe of a representation.
     *
     * @param head {@code linear} or {@code attentive}
     * @param validation its top-1 on the validation images
     */
    public record Chosen(
            String representation,
            String head,
            double learningRate,
            double weightDecay,
            double validation,
            List<Score> tests) {

        public Chosen {
            tests = List.copyOf(tests);
        }
    }

    public record Score(String test, long images, double top1, double top5) {}

    public record Tried(String representation, double learningRate, double weightDecay, double validation) {}

    /** Writes {@code probe.json} into a folder, which is made if need be. */
    public void write(Path folder) throws IOException {
        DurableFile.write(Files.createDirectories(folder).resolve("probe.json"), JSON.writeValueAsString(this) + "\n");
    }
}
